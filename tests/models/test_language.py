import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language import NOT_LANGUAGES, UnknownCode, is_variety, normalise


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("pt", "pt"),
        ("PT", "pt"),
        ("pt-BR", "pt"),
        ("PT_br", "pt"),
        ("por", "pt"),
        ("cmn", "zh"),
        ("zh-Hans", "zh"),
        ("zho", "zh"),
        ("nb", "no"),
        ("nob", "no"),
        ("no", "no"),
        ("nn", "no"),
        ("nno", "no"),
        ("arz", "ar"),
        ("ckb", "ku"),
        ("bcl", "bcl"),
        ("bik", "bcl"),
        ("grc", "grc"),
        ("tl", "tl"),
        ("fil", "tl"),
        ("iw", "he"),
        ("arb", "ar"),
        ("hr", "hr"),
        ("srp", "sr"),
        ("bos", "bs"),
        ("yue", "zh"),
        ("zh-yue", "zh"),
        ("es-419", "es"),
        ("en-GB-oxendict", "en"),
    ],
)
def test_however_it_is_written_a_language_has_one_code(written: str, code: str) -> None:
    assert normalise(written) == code


@pytest.mark.parametrize(
    ("code", "variety"),
    [("nno", True), ("yue_Hant", True), ("nob", False), ("cmn_Hans", False), ("fil", False), ("...", False)],
)
def test_varieties_are_told_from_the_main_form(code: str, variety: bool) -> None:
    assert is_variety(code) is variety


@pytest.mark.parametrize(
    "junk",
    [
        *("", " ", "p", "Portuguese", "und", "mul", "zxx", "mis", "und-BR", "\U0001f600", "\uff50\uff54"),
        *("pt ", "pt\n", "-pt", "pt-", "pt--BR", "12", "qq", "ROMANCE", "pt;drop"),
    ],
)
def test_what_is_no_code_is_refused(junk: str) -> None:
    with pytest.raises(UnknownCode):
        normalise(junk)


@pytest.mark.parametrize("junk", ["pt-" + "a" * 9, "a" * 10_000])
def test_a_long_one_is_not_repeated_in_full(junk: str) -> None:
    with pytest.raises(UnknownCode) as refusal:
        normalise(junk)

    assert len(str(refusal.value)) <= 35


@given(
    st.one_of(
        st.text(max_size=40), st.from_regex(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}", fullmatch=True)
    )
)
def test_what_is_normalised_stays_as_it_is(code: str) -> None:
    try:
        once = normalise(code)
    except UnknownCode:
        return
    assert normalise(once) == once
    assert once not in NOT_LANGUAGES

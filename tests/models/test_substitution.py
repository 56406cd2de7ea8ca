# ruff: noqa: RUF001 - characters that look alike are what is tested
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.discovery import vocabulary
from models.substitution import EQUIVALENTS, Substitution
from models.tokenizer import MarianTokenizer

STARTER = Path(__file__).parents[2] / "models" / "starter"
PLAIN = ["<unk>", "</s>", *string.ascii_letters, *string.digits, *"-'\"./$", "..."]


def substitution(*more: str) -> Substitution:
    return Substitution([*PLAIN, *more], lambda text: text)


@pytest.fixture(scope="module", params=["en-pt", "pt-en"])
def tokenizer(request: pytest.FixtureRequest) -> MarianTokenizer:
    folder = STARTER / str(request.param)
    return MarianTokenizer(folder, vocabulary=vocabulary(folder), append_end=True)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("14h52 – Patrulha", "14h52 - Patrulha"),
        ("government—with care", "government - with care"),
        ("35—40 or 35–40", "35-40 or 35-40"),
        ("“it’s fine”", '"it\'s fine"'),
        ("£40, €50", "$40, $50"),
        ("2½ and ½", "2 1/2 and 1/2"),
        ("a@b.org", "a-b.org"),
        ("wait…", "wait..."),
        ("3×4", "3x4"),
        ("plain text - untouched", "plain text - untouched"),
        ("snow ☃ stays", "snow ☃ stays"),
    ],
)
def test_what_is_lacking_has_a_plain_equivalent(text: str, plain: str) -> None:
    assert substitution().apply(text) == plain


def test_a_sign_in_any_piece_is_left_alone() -> None:
    assert substitution("▁£1", "–", "’s").apply("£40 – it’s €5") == "£40 – it’s $5"


def test_a_sign_whose_equivalent_is_lacking_too_is_left_alone() -> None:
    assert Substitution(["a", "<$>", "<unk>"], lambda text: text).apply("£a") == "£a"


def test_a_model_without_a_vocabulary_file_is_left_alone() -> None:
    assert Substitution([], lambda text: text).apply("£40 – “x”") == "£40 – “x”"


def test_what_the_tokenizer_normalises_away_is_not_lacking() -> None:
    compatible = Substitution(PLAIN, lambda text: unicodedata.normalize("NFKC", text))
    assert compatible.apply("wait… £1") == "wait… $1"


@given(st.text(alphabet=st.characters(max_codepoint=0x17F)))
def test_only_signs_of_the_table_change(text: str) -> None:
    kept = "".join(character for character in text if character not in EQUIVALENTS)
    assert substitution().apply(kept) == kept


@given(st.text(alphabet=[*EQUIVALENTS, "a", "1", " "]))
def test_applying_twice_is_applying_once(text: str) -> None:
    once = substitution().apply(text)
    assert substitution().apply(once) == once


def test_the_starter_models_know_every_sign_of_the_table(tokenizer: MarianTokenizer) -> None:
    texts = [f"a {sign} b" for sign in EQUIVALENTS]
    unknown = {text for text, found in zip(texts, tokenizer.encode(texts), strict=True) if found.unknown}
    assert unknown == set()


def test_what_has_no_equivalent_is_still_counted(tokenizer: MarianTokenizer) -> None:
    assert [found.unknown > 0 for found in tokenizer.encode(["Москва", "☃ x", "it’s £4"])] == [
        True,
        True,
        False,
    ]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.format import Translated
from app.documents.subtitles import SRT, VTT
from tests.app.documents.backends import assert_untouched, linear, read, same, shouted, texts, through

CUES = (
    "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Olá, meu\r\ncaro</i> amigo\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000\r\n- Sim\r\n- Não\r\n"
)
FILM = """WEBVTT - um filme

NOTE um comentário

STYLE
::cue { color: red }

primeira
00:01.000 --> 00:02.000 align:start position:10%
<v Ana>Olá &amp; <i>adeus</i></v>

00:03.000 --> 00:04.000
<00:03.500>tchau {\\an8}
"""
PIECES = [
    *(
        "WEBVTT\n",
        "1\n",
        "00:00:01,000 --> 00:00:02,000\n",
        "00:01.000 --> 00:02.000 x:y\n",
        "\n",
        "\r\n",
        "NOTE a\n",
    ),
    *("<i>", "</i>", "<v Ana>", "- ", "Olá ", "&amp;", "{\\an8}", "<", ">", " ", "\x00", "\n\n"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_comes_back(source: str) -> None:
    assert_untouched(SRT, source.encode())
    assert_untouched(VTT, source.encode())
    through(SRT, source)
    through(VTT, source)


def test_a_cue_is_one_unit_and_keeps_its_lines() -> None:
    document = read(SRT, CUES)
    assert [unit.text for unit in document.units] == ["Olá, meu caro amigo", "- Sim", "- Não"]
    assert [unit.location for unit in document.units] == ["cue 1", "cue 2", "cue 2"]
    assert shouted(SRT, CUES) == CUES.replace("Olá, meu", "OLÁ, MEU").replace("caro", "CARO").replace(
        "amigo", "AMIGO"
    ).replace("Sim", "SIM").replace("Não", "NÃO")


def test_lines_are_about_equal() -> None:
    document = read(SRT, "1\n00:00:01,000 --> 00:00:02,000\num\ndois\n")
    composed = SRT.compose(document, [Translated("aaaa bbbb cccc dddd")]).data.decode()
    assert composed.endswith("\naaaa bbbb\ncccc dddd\n")


def test_settings_notes_and_styles_stay() -> None:
    assert texts(VTT, FILM) == ["Olá & adeus", "tchau"]
    upper = FILM.replace("Olá &amp; <i>adeus", "OLÁ &amp; <i>ADEUS").replace("tchau", "TCHAU")
    assert shouted(VTT, FILM) == upper


def test_a_translation_cannot_end_its_cue() -> None:
    document = read(SRT, "1\n00:00:01,000 --> 00:00:02,000\num\n")
    composed = SRT.compose(document, [Translated("a\n\n2\n00:00:03,000 --> 00:00:04,000\nb")]).data
    assert len(read(SRT, composed).units) == 1


@pytest.mark.parametrize("unit", ["00:00:01,000 --> 00:00:02,000\na\n", "a\n", "<i>", "- a\n", "{\\a", "0"])
def test_hostile_cues_take_linear_time(unit: str) -> None:
    source = "1\n00:00:01,000 --> 00:00:02,000\n" + unit * (200_000 // len(unit))
    with linear():
        through(SRT, source)
        assert through(VTT, source, same).data == source.encode()

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import registry
from app.documents.format import Options, Translated
from app.documents.limits import Limits
from app.errors import DamagedDocument
from tests.app.documents.backends import assert_untouched, linear, read, same, shouted, texts, through

RTF = registry.by_name("rtf")
SOURCE = r"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fcharset204 Times;}}{\colortbl ;\red0;}
{\*\generator Write;}{\info{\title meta}}\viewkind4\uc1\pard\f0\fs20 Ol\'e1 \b caro\b0  amigo {\i it\'e1lico}, veja {\field{\*\fldinst HYPERLINK "http://a"}{\fldrslt aqui}}\par
{\header cabe\'e7alho\par}Texto{\footnote nota {\b forte} fim} continua\u8364? e\tab fim\line nova\par
\pard\'c9s\f1 \'ef\'f0\'e8\par \u-10179?\u-8704? emoji \{aqui\}\par
{\pict\wmetafile8 0102}{\shp{\*\shpinst{\sp{\sn name}{\sv valor}}{\shptxt caixa\par}}}
\pard\plain\trowd\intbl c\'e9lula um\cell c\'e9lula dois\cell\row
}"""  # noqa: E501 - as programs write it
PIECES = [
    *("{", "}", "\\par ", "\\b ", "\\b0 ", "\\i", "\\'e1", "\\u233?", "\\uc2 "),
    *("\\uc0 ", "\\~", "\\-", "\\*", "\\line "),
    *("{\\footnote ", "{\\*\\x ", "{\\field", "\\tab", "\\\\", "\\{", "Olá ", "word", " ", "\n", "\\bin3 "),
    *("a", "9", "-"),
]  # fmt: skip


def test_everything_a_reader_sees_is_translated() -> None:
    assert texts(RTF, SOURCE) == [
        *("Olá caro amigo itálico, veja aqui", "cabeçalho", "nota forte fim", "Texto continua€ e\tfim\nnova"),
        *("Ésпри", "😀 emoji {aqui}", "caixa", "célula um", "célula dois"),  # noqa: RUF001 - Cyrillic
    ]
    assert_untouched(RTF, SOURCE.encode())


def test_formatting_is_tags() -> None:
    first = read(RTF, SOURCE).units[0]
    assert [(tag.name, tag.start, tag.end) for tag in first.tags if tag.start != tag.end] == [
        *(("b", 4, 8), ("group", 15, 22), ("group", 29, 33), ("group", 29, 33)),
    ]


def test_what_is_written_is_read_again() -> None:
    once = through(RTF, SOURCE).data
    assert once.isascii()
    assert texts(RTF, once) == [text.upper() for text in texts(RTF, SOURCE)]
    assert b"{\\i IT\\u193?LICO}" in once
    assert b"{\\footnote NOTA {\\b FORTE} FIM}" in once
    assert through(RTF, once).data == once


def test_a_note_is_translated_where_its_sentence_is_not() -> None:
    document = read(RTF, "{\\rtf1 um{\\footnote dois {\\b tr\\'eas}} quatro\\par}")
    done = [
        Translated(unit.text.upper(), unit.tags) if "dois" in unit.text else None for unit in document.units
    ]
    assert RTF.compose(document, done).data == b"{\\rtf1 um{\\footnote DOIS {\\b TR\\u202?S}} quatro\\par}"


def test_text_never_runs_into_a_control_word() -> None:
    source = "{\\rtf1\\pard\\'e1gua\\b\\'e1gua\\b0\\'e1gua\\par}"
    document = read(RTF, source)
    composed = RTF.compose(document, [Translated("abcdefghijk", document.units[0].tags)]).data
    assert texts(RTF, composed) == ["abcdefghijk"]


def test_fallbacks_of_any_length() -> None:
    source = "{\\rtf1\\uc2 a\\u8364\\'a4\\'a4 b{\\uc0 c\\u8364 d}\\uc1 e\\u8364 ?f\\par}"
    assert texts(RTF, source) == ["a€ bc€de€f"]
    assert texts(RTF, through(RTF, source).data) == ["A€ BC€DE€F"]


@pytest.mark.parametrize("source", ["{\\rtf1 um", "{\\rtf1 {um}", "{\\rtf1 \\bin999 x", "{\\rtf1 {\\b um}"])
def test_what_is_cut_short_is_damaged(source: str) -> None:
    with pytest.raises(DamagedDocument, match="too early"):
        read(RTF, source)


def test_depth_is_limited() -> None:
    with pytest.raises(DamagedDocument, match="nested"):
        read(RTF, "{\\rtf1 " + "{" * 300 + "um" + "}" * 301)
    assert texts(RTF, "{\\rtf1 {{um}}}", Options(limits=Limits(max_depth=3))) == ["um"]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_document_comes_back_or_is_damaged(source: str) -> None:
    whole = f"{{\\rtf1 {source}}}"
    data = whole.encode("latin-1")
    try:
        found = texts(RTF, data)
    except DamagedDocument:
        return
    assert_untouched(RTF, data)
    once = through(RTF, data).data
    again = texts(RTF, once)
    assert [text.strip().casefold() for text in again] == [text.strip().casefold() for text in found]


def test_it_is_found_by_its_content() -> None:
    assert registry.find(SOURCE.encode(), "letter.doc").name == "rtf"


@pytest.mark.parametrize(
    "unit",
    ["\\b ", "{}", "a", "\\'e1", "\\u1?", "\\par ", "{\\b a}", "\\", "{\\fonttbl}", "{\\*\\x}", "\\b a\\b0 "],
)
def test_hostile_documents_take_linear_time(unit: str) -> None:
    source = ("{\\rtf1 " + unit * (200_000 // len(unit)) + " }").encode()
    with linear():
        assert through(RTF, source, same).data == source
    assert shouted(RTF, "{\\rtf1 a}") == "{\\rtf1 A}"

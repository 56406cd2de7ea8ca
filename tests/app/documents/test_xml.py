from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import registry
from app.documents.format import Document, DocumentFormat, Options, Translated
from app.documents.limits import Limits
from app.documents.tmx import Tmx
from app.documents.xliff import Xliff
from app.documents.xml import Xml
from app.errors import DamagedDocument, InvalidRequest
from tests.app.documents.backends import assert_untouched, linear, read, same, shout, shouted, texts, through

XML, XLIFF, TMX = Xml(), Xliff(), Tmx()
PIECES = ["<a>", "</a>", "<b x='1'>", "</b>", "<c/>", "<!-- n -->", "<![CDATA[um <p>x</p>]]>", "<?p i?>", "Olá ",
          " ", "&amp;",
          "\n", "é", "1", "<n translate='no'>Bob</n>", "&#233;"]  # fmt: skip
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><a>&b;</a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x"> %a;]><a>x</a>'

V12 = """<?xml version="1.0"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file source-language="pt" original="x"><body>
<trans-unit id="1">
  <source>Olá <g id="1">mundo</g><x id="2"/> <mrk mtype="protected">ACME</mrk></source>
</trans-unit>
<trans-unit id="2"><source>Feito</source><target>Done</target></trans-unit>
<trans-unit id="3"><source>Por fazer</source><target state="needs-translation">?</target></trans-unit>
<trans-unit id="4"><source><g id="9">Tudo</g></source><target/></trans-unit>
<trans-unit id="5" translate="no"><source>Não</source></trans-unit>
<trans-unit id="6"><source>um</source><seg-source>um</seg-source><alt-trans><source>x</source></alt-trans></trans-unit>
</body></file></xliff>
"""
V2 = """<xliff version="2.0" srcLang="pt" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f"><unit id="u">
<segment state="initial"><source>Olá <pc id="1">tu</pc><ph id="2"/></source></segment>
<segment state="final"><source>Feito</source><target>Done</target></segment>
</unit></file></xliff>"""
MEMORY = """<tmx version="1.4"><header srclang="pt"/><body>
<tu>
  <tuv xml:lang="pt"><seg>Olá <bpt i="1">&lt;b></bpt>tu<ept i="1">x</ept></seg></tuv>
</tu>
<tu><tuv xml:lang="en-GB"><seg>Yes</seg></tuv><tuv xml:lang="pt"><seg>Sim</seg></tuv></tu>
</body></tmx>"""


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_document_comes_back_or_is_damaged(source: str) -> None:
    whole = f"<r>{source}</r>"
    try:
        read(XML, whole)
    except DamagedDocument:
        return
    assert_untouched(XML, whole.encode())
    once = through(XML, whole).data
    assert through(XML, once).data == once


def test_mixed_content_is_one_unit() -> None:
    source = """<?xml version="1.0"?><doc xml:lang="pt"><!-- nota --><title>Um &amp; dois</title><n>123</n><id>AB-1</id>
<p>Texto <b>negrito</b> e <code translate="no">x y</code><br/> fim</p><p translate="no">Não <b>isto</b></p></doc>"""
    document = read(XML, source)
    assert [unit.text for unit in document.units] == ["Um & dois", "Texto negrito e x y fim"]
    assert {unit.language for unit in document.units} == {"pt"}
    assert shouted(XML, source) == source.replace("Um &amp; dois", "UM &amp; DOIS").replace("Texto", "TEXTO").replace(
        "negrito", "NEGRITO").replace(" e <", " E <").replace(" fim<", " FIM<")  # fmt: skip


def test_cdata_is_text_or_html() -> None:
    source = "<r><d><![CDATA[<p>Olá <b>tu</b> &amp; eu</p>]]></d><e><![CDATA[ Um & dois ]]></e></r>"
    assert texts(XML, source) == ["Olá tu & eu", "Um & dois"]
    assert (
        shouted(XML, source)
        == "<r><d><![CDATA[<p>OLÁ <b>TU</b> &amp; EU</p>]]></d><e><![CDATA[ UM & DOIS ]]></e></r>"
    )
    evil = XML.compose(read(XML, source), [None, Translated("a]]>b")]).data
    assert texts(XML, evil)[0] == "Olá tu & eu"


def test_elements_are_chosen() -> None:
    source = "<r><t>um</t><u>dois</u><v><t>três</t></v></r>"
    assert texts(XML, source, Options(elements=("u", "v"))) == ["dois", "três"]


def test_white_space_counts_where_it_is_preserved() -> None:
    assert texts(XML, "<r><a>um\n  dois</a><a xml:space='preserve'>um\n  dois</a></r>") == [
        "um dois",
        "um\n  dois",
    ]


def test_the_declared_encoding_is_read_and_written() -> None:
    source = '<?xml version="1.0" encoding="iso-8859-1"?><a>não</a>'.encode("latin-1")
    composed = XML.compose(read(XML, source), [Translated("нет à")])
    assert (
        composed.data
        == '<?xml version="1.0" encoding="iso-8859-1"?><a>&#1085;&#1077;&#1090; à</a>'.encode("latin-1")
    )
    assert_untouched(XML, "\ufeff<a>olá</a>".encode("utf-16"))


@pytest.mark.parametrize("form", [XML, XLIFF, TMX])
@pytest.mark.parametrize("source", [BOMB, OUTSIDE, PARAMETER])
def test_entities_of_its_own_are_refused(form: DocumentFormat, source: str) -> None:
    with linear(), pytest.raises(DamagedDocument, match="entities"):
        read(form, source)


@pytest.mark.parametrize("form", [XML, XLIFF, TMX])
@pytest.mark.parametrize(
    "source", ["<a>", "<a></b>", "<a>&x;</a>", "<a b=c/>", "<a/><b/>", "", "<a>\x00</a>", "<a>\ud800</a>"]
)
def test_what_is_not_well_formed_is_damaged(form: DocumentFormat, source: str) -> None:
    with pytest.raises(DamagedDocument, match="line"):
        form.extract(source.encode("utf-8", "surrogatepass"), Options())


def test_depth_is_limited() -> None:
    with pytest.raises(DamagedDocument, match="nested"):
        read(XML, "<a>" * 100_000)
    assert texts(XML, "<a>" * 200 + "um" + "</a>" * 200) == ["um"]
    with pytest.raises(DamagedDocument, match="nested"):
        read(XML, "<a><b/></a>", Options(limits=Limits(max_depth=1)))


def test_xliff_1_2() -> None:
    assert texts(XLIFF, V12) == ["Olá mundo ACME", "Por fazer", "Tudo", "um"]
    assert through(XLIFF, V12, target="en").data.decode() == (
        V12.replace("</source>\n</trans", '</source>\n  <target>OLÁ <g id="1">MUNDO</g><x id="2"/> '
                    '<mrk mtype="protected">ACME</mrk></target>\n</trans')
        .replace('<target state="needs-translation">?', '<target state="needs-review-translation">POR FAZER')
        .replace("<target/>", '<target><g id="9">TUDO</g></target>')
        .replace("</seg-source>", "</seg-source><target>UM</target>")
        .replace('original="x"', 'original="x" target-language="en"')
    )  # fmt: skip
    assert [note.code for note in read(XLIFF, V12).notes] == ["already_translated"]


def test_xliff_2() -> None:
    assert through(XLIFF, V2, target="en").data.decode() == (
        V2.replace('"initial"', '"translated"')
        .replace(
            "</source></segment>", '</source><target>OLÁ <pc id="1">TU</pc><ph id="2"/></target></segment>'
        )
        .replace('2.0"><file', '2.0" trgLang="en"><file')
    )


def test_a_memory_gains_a_language() -> None:
    assert texts(TMX, MEMORY) == ["Olá tu", "Sim"]
    added = '\n  <tuv xml:lang="en"><seg>OLÁ <bpt i="1">&lt;b></bpt>TU<ept i="1">x</ept></seg></tuv>\n</tu>'
    assert through(TMX, MEMORY, target="en").data.decode() == MEMORY.replace("\n</tu>", added, 1)
    with pytest.raises(InvalidRequest, match="target"):
        through(TMX, MEMORY)


@pytest.mark.parametrize(("form", "source"), [(XLIFF, V12), (XLIFF, V2), (TMX, MEMORY)])
def test_nothing_changes_without_translations(form: DocumentFormat, source: str) -> None:
    document: Document = read(form, source)
    assert form.compose(document, [None] * len(document.units), target="en").data == source.encode()
    translated = form.compose(document, [shout(unit) for unit in document.units], target="en").data
    read(form, translated)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (V12, "xliff"),
        (V2, "xliff"),
        (MEMORY, "tmx"),
        ("<?xml version='1.0'?><a>x</a>", "xml"),
        ("<rss><a>x</a></rss>", "xml"),
    ],
)
def test_kinds_of_xml_are_told_apart(source: str, name: str) -> None:
    assert registry.find(source.encode(), "file.xml").name == name


@pytest.mark.parametrize(
    "unit", ["<a>um</a>", "<a/>", "um ", "&amp;", "<!--x-->", "<a>um <b>x</b></a>", "<![CDATA[x]]>"]
)
def test_big_documents_take_linear_time(unit: str) -> None:
    source = ("<r>" + unit * (200_000 // len(unit)) + "</r>").encode()
    with linear():
        assert through(XML, source, same).data == source


@pytest.mark.parametrize(
    ("markup", "options", "units"),
    [
        ("<r>one <b>two</b> three</r>", {}, ["one two three"]),
        ("<r>one <b>two</b> three</r>", {"splitting": ("b",)}, ["one", "two", "three"]),
        ("<r>one <i>two <b>three</b> four</i> five</r>", {"splitting": ("b",)},
         ["one", "two", "three", "four", "five"]),
        ("<r>one <i>two</i> <b><i>three</i> four</b></r>", {"splitting": ("b",)}, ["one two", "three four"]),
        ("<r>one <b/> two</r>", {"splitting": ("b",)}, ["one", "two"]),
        ("<r><b>one</b> <i>two</i></r>", {}, ["one", "two"]),
        ("<r><b>one</b> <i>two</i></r>", {"joining": ("i",)}, ["one two"]),
        ("<r><p>one</p> <p>two</p></r>", {"outlined": False}, ["one two"]),
        ("<r><p>one</p> <p>two <i>three</i></p></r>", {"outlined": False, "splitting": ("p",)},
         ["one", "two three"]),
    ],
)  # fmt: skip
def test_tags_split_and_join_as_they_are_told_to(
    markup: str, options: dict[str, Any], units: list[str]
) -> None:
    document = XML.extract(markup.encode(), Options(**options))
    assert [unit.text for unit in document.units] == units
    assert XML.compose(document, [None] * len(units)).data.decode() == markup
    upper = [Translated(unit.text.upper(), unit.tags) for unit in document.units]
    written = XML.compose(document, upper).data.decode()
    assert written.lower() == markup
    ET.fromstring(written)  # noqa: S314  written here

"""What holds for every paragraph of Word's, whatever runs, fields and holders it is made of."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents import registry
from app.documents.format import TagKind, Translated, Unit
from app.documents.nesting import faults
from tests.app.documents.backends import assert_untouched, linear, read, same, shout, through
from tests.app.documents.test_docx import body_of, document, p, run

DOCX = registry.by_name("docx")
TEXT = st.sampled_from(["Olá ", "mundo", " ", "", "12", "a &amp; b", "é. "])
FORMAT = st.sampled_from(["", "<w:b/>", "<w:i/>", '<w:b/><w:lang w:val="pt"/>'])
CHARACTER = {kind: f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")}
PIECE = st.one_of(
    st.builds(run, TEXT, FORMAT),
    st.sampled_from(
        [
            '<w:bookmarkStart w:id="1"/>',
            "<w:proofErr/>",
            "<w:r><w:tab/><w:t>x</w:t><w:br/></w:r>",
            '<w:r><w:footnoteReference w:id="2"/></w:r>',
            "<w:del><w:r><w:delText>fora</w:delText></w:r></w:del>",
            f"<w:r><w:drawing>{p(run('Caixa'))}</w:drawing></w:r>",
            *CHARACTER.values(),
            f"{CHARACTER['begin']}<w:r><w:instrText> REF </w:instrText></w:r>{CHARACTER['separate']}",
        ]
    ),
)
HOLDER = st.sampled_from(["hyperlink", "ins", "smartTag", "fldSimple"])


def holding(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    held = st.lists(inner, max_size=4).map("".join)
    return st.builds(lambda name, within: f"<w:{name}>{within}</w:{name}>", HOLDER, held)


PARAGRAPHS = st.lists(st.recursive(PIECE, holding, max_leaves=8), max_size=8).map(lambda pieces: p(*pieces))


@settings(deadline=None)
@given(PARAGRAPHS)
def test_every_paragraph_comes_back_to_the_byte(body: str) -> None:
    whole = document(body)
    assert_untouched(DOCX, whole)
    for unit in read(DOCX, whole).units:
        assert list(faults(unit.text, unit.tags)) == []


@pytest.mark.parametrize("kind", ["hyperlink", "ins"])
@pytest.mark.parametrize("said", ["", "mundo", "12"])
def test_a_field_that_crosses_the_edge_of_a_holder_comes_back_to_the_byte(kind: str, said: str) -> None:
    begin, separate, end = CHARACTER.values()
    text = run(said) if said else ""
    for pieces in (
        (run("Olá "), begin, f"<w:{kind}>{separate}{text}{end}{run('fora')}</w:{kind}>"),
        (run("Olá "), begin, separate, f"<w:{kind}>{text}{end}</w:{kind}>", run("fora")),
        (run("Olá "), f"<w:{kind}>{begin}</w:{kind}>", separate, text, end, run("fora")),
        (run("Olá "), f"<w:{kind}>{begin}{separate}{text}</w:{kind}>", end, run("fora")),
        (f"<w:{kind}>{begin}{separate}{text}</w:{kind}><w:{kind}>{run('fora')}{end}</w:{kind}>", run("Olá ")),
        (run("Olá "), begin, f"<w:{kind}>{separate}{text}</w:{kind}>", end, run("fora")),
    ):
        whole = document(p(*pieces))
        assert_untouched(DOCX, whole)
        for unit in read(DOCX, whole).units:
            assert list(faults(unit.text, unit.tags)) == []


@settings(deadline=None)
@given(PARAGRAPHS)
def test_a_translation_is_read_again_and_loses_nothing(body: str) -> None:
    whole = document(body)
    made = through(DOCX, whole).data
    before, after = read(DOCX, whole), read(DOCX, made)
    assert [unit.text for unit in after.units] == [shout(unit).text for unit in before.units]
    for name in (
        "bookmarkStart",
        "footnoteReference",
        "fldChar",
        "instrText",
        "delText",
        "drawing",
        "hyperlink",
    ):
        assert body_of(made).count(f"<w:{name}") == body.count(f"<w:{name}")


@settings(deadline=None)
@given(PARAGRAPHS, st.data())
def test_text_never_stands_outside_of_a_run(body: str, data: st.DataObject) -> None:
    whole = document(body)

    def scattered(unit: Unit) -> Translated:
        """Every tag at the end: the weakest alignment there is."""
        kept = "".join(unit.text[tag.start : tag.end] for tag in unit.tags if tag.kind is TagKind.KEPT)
        said = data.draw(st.sampled_from(["Hello & good bye", "x"]))
        text, place = said + kept, len(said)
        tags = []
        for tag in unit.tags:
            size = tag.end - tag.start if tag.kind is TagKind.KEPT else 0
            end = len(text) if tag.kind is TagKind.PAIR else place + size
            tags.append(replace(tag, start=place, end=end))
            place += size
        return Translated(text, tuple(tags)) if not list(faults(text, tags)) else same(unit)

    made = body_of(through(DOCX, whole, scattered).data)
    outside = re.sub(r"<w:(t|instrText|delText)(?: [^>]*)?>[^<]*</w:\1>", "", made)
    assert re.sub(r"<[^>]*>", "", outside).strip() == ""
    assert all(
        piece.endswith(("</w:rPr>", "<w:r>", "/>", "</w:t>")) for piece in re.findall(r"(\S+?)<w:t[ >]", made)
    )


@pytest.mark.parametrize(
    "piece",
    [
        run("um ", "<w:b/>") + run("dois "),
        CHARACTER["begin"],
        CHARACTER["begin"] + run("um") + CHARACTER["end"],
        "<w:bookmarkStart/>" + run("x"),
        f"<w:r><w:drawing>{p(run('um'))}</w:drawing></w:r>",
        f"<w:hyperlink>{run('um')}</w:hyperlink>",
    ],
)
@pytest.mark.parametrize("wrap", [p, lambda body: body.join(["<w:p>", "</w:p>"]) + p(run("fim"))])
def test_big_paragraphs_take_linear_time(piece: str, wrap: Callable[[str], str]) -> None:
    whole = document(wrap(piece * (300_000 // len(piece))))
    with linear():
        through(DOCX, whole)


@pytest.mark.parametrize("order", ["begin end", "begin separate end"])
def test_fields_in_fields_take_linear_time(order: str) -> None:
    parts = order.split()
    nested = "".join(CHARACTER[each] for each in parts[:-1]) + run("um")
    count = 300_000 // len(nested)
    with linear():
        through(DOCX, document(p(nested * count, CHARACTER["end"] * count)))

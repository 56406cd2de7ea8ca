"""Tags find their words again, and whatever the alignment says, what comes out is valid."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import segmentation
from app.documents.alignment import Aligned, Link
from app.documents.format import InlineTag, TagKind, Translated, Unit
from app.documents.html import Html
from app.documents.inline import Placement, TranslatedSegment, place
from app.documents.nesting import check
from tests.app.documents.backends import linear, read
from tests.app.documents.tagged import tagged

HTML = Html()
SPAN = st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda pair: (pair[0], sum(pair)))
LINKS = st.lists(st.builds(Link, SPAN, SPAN, st.floats(0, 1)), max_size=12).map(tuple)
TEXT = st.text(st.sampled_from("abc é中. "), max_size=20)


def aligned(source: str, text: str, pairs: str) -> tuple[Link, ...]:
    """`pairs`: numbers of words, as `0-1 2-0`."""
    ours = [found.span() for found in re.finditer(r"\w+|[^\w\s]", source)]
    theirs = [found.span() for found in re.finditer(r"\w+|[^\w\s]", text)]
    numbers = [tuple(map(int, pair.split("-"))) for pair in pairs.split()]
    return tuple(Link(ours[one], theirs[other], 1.0) for one, other in numbers)


def translated(markup: str, text: str, pairs: str = "") -> tuple[str, Placement]:
    document = read(HTML, markup)
    (unit,) = document.units
    done = place(unit, [TranslatedSegment(0, len(unit.text), text, aligned(unit.text, text, pairs))])
    return HTML.compose(document, [done.translated]).data.decode(), done


@pytest.mark.parametrize(
    ("source", "text", "pairs", "expected"),
    [
        ("the <b>red</b> car", "o carro vermelho", "0-0 1-2 2-1", "o carro <b>vermelho</b>"),
        ("the <b>red</b> <i>car</i>", "o carro vermelho", "0-0 1-2 2-1", "o <i>carro</i> <b>vermelho</b>"),
        ("a <b>big <i>red</i></b> car", "um carro grande vermelho", "0-0 1-2 2-3 3-1",
         "um carro <b>grande <i>vermelho</i></b>"),
        ("see <a>the page</a>, please", "por favor, veja a página", "0-3 1-4 2-5 3-2 4-0 4-1",
         "por favor, veja <a>a página</a>"),
        ("<b>Note</b>: he left", "Nota: saiu", "0-0 1-1 2-2 3-2", "<b>Nota</b>: saiu"),
        ("run <code>rm</code> now", "corra agora rm", "0-0 1-2 2-1", "corra agora <code>rm</code>"),
        ("run <code>rm</code> now", "corra remover agora", "0-0 1-1 2-2", "corra <code>rm</code> agora"),
        ("a note<img src=x> here", "aqui uma nota", "0-1 1-2 2-0", "aqui uma nota<img src=x>"),
        ("use <img src=x>this one", "usar este", "0-0 1-1 2-1", "usar <img src=x>este"),
        ("<b>All of it</b>.", "Tudo.", "", "<b>Tudo</b>."),
    ],
)  # fmt: skip
def test_tags_go_with_their_words(source: str, text: str, pairs: str, expected: str) -> None:
    found, done = translated(f"<p>{source}</p>", text, pairs)
    assert found == f"<p>{expected}</p>"
    assert done.approximate == ()


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("the <b>red</b> car", "o carro vermelho", "<b>o carro vermelho</b>"),
        ("<b>one</b> two <i>three</i>", "um dois três", "<b>um</b> dois <i>três</i>"),
        ("run <code>rm</code> now", "corra agora", "corra agora <code>rm</code>"),
        ("a <img src=x>b", "c d", "c d<img src=x>"),
    ],
)
def test_without_an_alignment_tags_go_to_the_ends_and_that_is_told(
    source: str, text: str, expected: str
) -> None:
    found, done = translated(f"<p>{source}</p>", text)
    assert found == f"<p>{expected}</p>"
    assert done.approximate == (0,)


def test_kept_text_leaves_no_word_of_its_translation_beside_it() -> None:
    unit = Unit("o Modelo Azul", (InlineTag(TagKind.KEPT, 2, 13),))
    links = (
        Link((0, 1), (0, 3), 1.0),
        Link((9, 13), (4, 8), 0.38),
        Link((0, 1), (4, 8), 0.62),
        Link((0, 1), (9, 14), 0.1),
        Link((2, 8), (9, 14), 0.9),
    )
    done = place(unit, [TranslatedSegment(0, 13, "the Blue Model", links)])
    assert done.translated.text == "the Modelo Azul"
    assert done.approximate == (0,)


def test_only_the_doubtful_segment_is_told() -> None:
    unit = Unit(
        "One two. Three four.", (InlineTag(TagKind.PAIR, 4, 7, "b"), InlineTag(TagKind.PAIR, 9, 20, "i"))
    )
    done = place(unit, [TranslatedSegment(0, 8, "Um dois."), TranslatedSegment(9, 20, "Três quatro.")])
    assert done.approximate == (0,)
    assert done.translated == Translated(
        "Um dois. Três quatro.", (InlineTag(TagKind.PAIR, 0, 8, "b"), InlineTag(TagKind.PAIR, 9, 21, "i"))
    )


def test_what_lies_between_segments_is_exact() -> None:
    markup = "<p>um <b>dois.<br>três</b> quatro</p>"
    document = read(HTML, markup)
    (unit,) = document.units
    segments = segmentation.split(unit.text, "pt")
    answers = [
        TranslatedSegment(0, 8, "one two.", aligned("um dois.", "one two.", "0-0 1-1 2-2")),
        TranslatedSegment(9, 20, "three four", aligned("três quatro", "three four", "0-0 1-1")),
    ]
    assert [(each.start, each.end) for each in segments] == [(0, 8), (9, 20)]
    done = place(unit, answers)
    assert HTML.compose(document, [done.translated]).data == b"<p>one <b>two.<br>three</b> four</p>"
    assert done.approximate == ()


def test_kept_text_of_several_sentences_stays_whole() -> None:
    markup = "<p>He said <q translate=no>Stop. Now.</q> and left.</p>"
    document = read(HTML, markup)
    (unit,) = document.units
    cut = unit.text.index("Now")
    answers = [
        TranslatedSegment(0, cut - 1, "Disse: Pare."),
        TranslatedSegment(cut, len(unit.text), "Agora. e saiu."),
    ]
    done = place(unit, answers)
    assert b"<q translate=no>Stop. Now.</q>" in HTML.compose(document, [done.translated]).data
    assert done.approximate == (0, 1)


def test_scripts_without_spaces_are_cut_where_the_model_cut() -> None:
    links = (Link((0, 3), (0, 1), 0.9), Link((4, 7), (2, 4), 0.9), Link((8, 11), (1, 2), 0.9))
    found = Aligned("我红的车", links).find(4, 7)
    assert found
    assert (found.start, found.end) == (2, 4)


@st.composite
def anything(draw: st.DrawFn) -> tuple[Unit, list[TranslatedSegment]]:
    unit = draw(tagged())
    cuts = sorted(draw(st.sets(st.integers(0, len(unit.text)), max_size=6)))
    segments = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        same = unit.text[start:end]
        text = draw(TEXT) + draw(st.sampled_from(["", same, same.upper()]))
        segments.append(TranslatedSegment(start, end, text, draw(LINKS)))
    return unit, segments


@given(anything())
@settings(max_examples=400)
def test_whatever_the_alignment_the_tags_are_valid(case: tuple[Unit, list[TranslatedSegment]]) -> None:
    unit, segments = case
    done = place(unit, segments)
    check(unit, done.translated)
    for ours, theirs in zip(unit.tags, done.translated.tags, strict=True):
        if ours.kind is TagKind.KEPT:
            assert done.translated.text[theirs.start : theirs.end] == unit.text[ours.start : ours.end]
    assert set(done.approximate) <= set(range(len(segments)))
    assert place(unit, segments) == done


@given(tagged(), st.data())
def test_what_was_not_translated_keeps_its_tags(unit: Unit, data: Any) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(unit.text)), max_size=6)))
    segments = [TranslatedSegment(a, b, unit.text[a:b]) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    assert place(unit, segments) == Placement(Translated(unit.text, unit.tags), ())


@given(tagged())
def test_a_perfect_alignment_loses_no_tag(unit: Unit) -> None:
    """Word for word in the same order, in capitals: every pair goes round the same words."""
    words = [found.span() for found in re.finditer(r"\w+|[^\w\s]", unit.text)]
    links = tuple(Link(span, span, 1.0) for span in words)
    done = place(unit, [TranslatedSegment(0, len(unit.text), unit.text.upper(), links)] if unit.text else [])
    check(unit, done.translated)


def test_a_thousand_tags_in_a_thousand_sentences_take_reasonable_time() -> None:
    text = "one two three. " * 1_000
    tags = tuple(InlineTag(TagKind.PAIR, 15 * number + 4, 15 * number + 7) for number in range(1_000))
    links = aligned("one two three.", "um dois três.", "0-0 1-1 2-2 3-3")
    segments = [
        TranslatedSegment(15 * number, 15 * number + 14, "um dois três.", links) for number in range(1_000)
    ]
    with linear():
        done = place(Unit(text, tags), segments)
    assert done.approximate == ()
    assert {done.translated.text[tag.start : tag.end] for tag in done.translated.tags} == {"dois"}

from dataclasses import replace

import pytest
from hypothesis import given

from app.documents.format import InlineTag, TagKind, Translated, Unit
from app.documents.nesting import Event, Step, check, events, faults, unchanged
from tests.app.documents.tagged import tagged

PAIR, POINT, KEPT = TagKind.PAIR, TagKind.POINT, TagKind.KEPT


def spelled(text: str, tags: tuple[InlineTag, ...]) -> str:
    def spell(event: Event) -> str:
        match event.step:
            case Step.TEXT:
                return text[event.start : event.end]
            case Step.OPEN:
                return f"<{event.tag}>"
            case Step.CLOSE:
                return f"</{event.tag}>"
        return f"<{event.tag}/>"

    return "".join(map(spell, events(text, tags)))


def test_events_write_a_text_with_its_tags() -> None:
    tags = (
        InlineTag(PAIR, 0, 5),
        InlineTag(PAIR, 2, 5, parent=0),
        InlineTag(POINT, 5, 5, parent=1),
        InlineTag(KEPT, 6, 8),
        InlineTag(POINT, 10, 10),
    )
    assert spelled("abcde fghi", tags) == "<0>ab<1>cde<2/></1></0> <3/>hi<4/>"


def test_siblings_may_change_places() -> None:
    assert spelled("ab", (InlineTag(PAIR, 1, 2), InlineTag(PAIR, 0, 1))) == "<1>a</1><0>b</0>"
    assert spelled("ab", (InlineTag(PAIR, 0, 2), InlineTag(POINT, 0, 0))) == "<1/><0>ab</0>"


@given(tagged())
def test_every_valid_tag_is_written_once_and_closed_in_order(unit: Unit) -> None:
    assert not list(faults(unit.text, unit.tags))
    opened: list[int] = []
    seen: list[int] = []
    written: list[str] = []
    for event in events(unit.text, unit.tags):
        if event.step is Step.TEXT:
            written.append(unit.text[event.start : event.end])
        elif event.step is Step.CLOSE:
            assert opened.pop() == event.tag
        else:
            seen.append(event.tag)
            assert unit.tags[event.tag].parent == (opened[-1] if opened else None)
        if event.step is Step.OPEN:
            opened.append(event.tag)
        if event.step is Step.ALONE:
            tag = unit.tags[event.tag]
            written.append(unit.text[tag.start : tag.end])
    assert not opened
    assert sorted(seen) == list(range(len(unit.tags)))
    assert "".join(written) == unit.text


@pytest.mark.parametrize(
    ("tags", "fault"),
    [
        ((InlineTag(PAIR, 0, 9),), "outside"),
        ((InlineTag(PAIR, 2, 1),), "outside"),
        ((InlineTag(POINT, 0, 1),), "a point with a length"),
        ((InlineTag(PAIR, 0, 2), InlineTag(PAIR, 1, 3)), "overlap"),
        ((InlineTag(PAIR, 0, 1), InlineTag(PAIR, 1, 2, parent=0)), "leaves its parent"),
        ((InlineTag(POINT, 0, 0), InlineTag(POINT, 0, 0, parent=0)), "cannot hold it"),
        ((InlineTag(PAIR, 0, 1, parent=0),), "cannot hold it"),
    ],
)
def test_what_is_not_valid_is_named(tags: tuple[InlineTag, ...], fault: str) -> None:
    assert any(fault in found for found in faults("abc", tags))
    with pytest.raises(ValueError, match=fault):
        check(Unit("xyz", tags), Translated("abc", tags))


def test_a_translation_has_the_tags_of_its_source() -> None:
    unit = Unit("abc", (InlineTag(PAIR, 0, 1),))
    for tags in ((), (replace(unit.tags[0], kind=KEPT),), unit.tags * 2):
        with pytest.raises(ValueError, match="other tags"):
            check(unit, Translated("abc", tags))
    assert unchanged(unit, None)
    assert unchanged(unit, Translated("abc", unit.tags))
    assert not unchanged(unit, Translated("abd", unit.tags))

"""Tags in a text as a tree: what is valid, and in which order a writer meets them.

Valid: every tag once; a child within its parent; two tags of one parent side by side, never across each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from app.documents.format import InlineTag, TagKind, Translated, Unit


class Step(Enum):
    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    ALONE = "alone"
    """A point, or kept text: written from the source, the text it covers is not."""


@dataclass(frozen=True, slots=True)
class Event:
    step: Step
    start: int
    end: int
    """A range of the text, of Step.TEXT only."""
    tag: int = -1


def events(text: str, tags: Sequence[InlineTag]) -> Iterator[Event]:
    """In writing order. `tags` must be valid."""
    families = children(tags)
    stack = [iter(families.get(None, ()))]
    opened: list[int] = []
    position = 0
    while stack:
        number = next(stack[-1], None)
        if number is None:
            stack.pop()
            end = tags[opened[-1]].end if opened else len(text)
            if end > position:
                yield Event(Step.TEXT, position, end)
            position = end
            if opened:
                yield Event(Step.CLOSE, 0, 0, opened.pop())
            continue
        tag = tags[number]
        if tag.start > position:
            yield Event(Step.TEXT, position, tag.start)
        position = tag.start
        if tag.kind is TagKind.PAIR:
            yield Event(Step.OPEN, 0, 0, number)
            opened.append(number)
            stack.append(iter(families.get(number, ())))
        else:
            yield Event(Step.ALONE, 0, 0, number)
            position = tag.end


def faults(text: str, tags: Sequence[InlineTag]) -> Iterator[str]:
    """What makes the tags invalid, in words without text."""
    for number, tag in enumerate(tags):
        if not 0 <= tag.start <= tag.end <= len(text):
            yield f"tag {number} lies outside the text"
        elif tag.kind is TagKind.POINT and tag.start != tag.end:
            yield f"tag {number} is a point with a length"
        elif tag.parent is not None:
            if not 0 <= tag.parent < number or tags[tag.parent].kind is not TagKind.PAIR:
                yield f"tag {number} has a parent that cannot hold it"
            elif not tags[tag.parent].start <= tag.start <= tag.end <= tags[tag.parent].end:
                yield f"tag {number} leaves its parent"
    for family in children(tags).values():
        for one, other in pairwise(family):
            if tags[one].end > tags[other].start:
                yield f"tags {one} and {other} overlap"


def check(unit: Unit, translated: Translated) -> None:
    """Raises ValueError where `translated` cannot be put in the place of `unit`: a defect of the caller's."""
    if [(tag.kind, tag.parent) for tag in unit.tags] != [(tag.kind, tag.parent) for tag in translated.tags]:
        raise ValueError("the translation has other tags than its source")
    for fault in faults(translated.text, translated.tags):
        raise ValueError(fault)


def unchanged(unit: Unit, translated: Translated | None) -> bool:
    """Whether the unit is to stand as it was written."""
    return translated is None or (translated.text == unit.text and translated.tags == unit.tags)


def children(tags: Sequence[InlineTag]) -> dict[int | None, list[int]]:
    """Numbers of the tags in each tag, in the order in which they are written."""
    found: dict[int | None, list[int]] = {}
    for number, tag in enumerate(tags):
        found.setdefault(tag.parent, []).append(number)
    for family in found.values():
        # A tag of no width comes before one that begins in the same place, whichever opened first in the source.
        family.sort(key=lambda number: (tags[number].start, tags[number].end, number))
    return found

"""Ranges of tags made valid: children within their parents, none across another."""

from collections.abc import Sequence
from itertools import pairwise

from app.documents.alignment import Span
from app.documents.format import InlineTag, TagKind
from app.documents.nesting import children


def untangle(length: int, tags: Sequence[InlineTag], ranges: list[Span]) -> set[int]:
    """Changes `ranges` within a text of that length; gives the numbers of the tags that had to yield.

    Kept texts are where they are: where they cannot all be in their parents, what comes out is not valid.
    """
    moved: set[int] = set()
    _grow(tags, ranges)
    for parent, family in children(tags).items():
        within = ranges[parent] if parent is not None else (0, length)
        for number in family:
            if tags[number].kind is not TagKind.KEPT:
                _set(ranges, number, _clipped(ranges[number], within), moved)
        _part(tags, ranges, family, moved)
    return moved


def _grow(tags: Sequence[InlineTag], ranges: list[Span]) -> None:
    """Parents hold their children; the last tags are the deepest."""
    for number in range(len(tags) - 1, -1, -1):
        parent = tags[number].parent
        if parent is not None:
            start, end = ranges[number]
            ranges[parent] = (min(start, ranges[parent][0]), max(end, ranges[parent][1]))


def _part(tags: Sequence[InlineTag], ranges: list[Span], family: Sequence[int], moved: set[int]) -> None:
    """Siblings from left to right: who begins later cuts the one before, kept texts are never cut."""
    ordered = sorted(family, key=lambda number: (ranges[number][0], ranges[number][1], number))
    for one, other in pairwise(ordered):
        (start, end), (later, last) = ranges[one], ranges[other]
        if end <= later:
            continue
        if tags[one].kind is TagKind.PAIR and tags[other].kind is not TagKind.POINT and start < later:
            _set(ranges, one, (start, later), moved)
        elif tags[other].kind is not TagKind.KEPT:
            _set(ranges, other, (end, max(end, last)), moved)


def _set(ranges: list[Span], number: int, span: Span, moved: set[int]) -> None:
    if ranges[number] != span:
        ranges[number] = span
        moved.add(number)


def _clipped(span: Span, within: Span) -> Span:
    start = min(max(span[0], within[0]), within[1])
    return start, min(max(span[1], start), within[1])

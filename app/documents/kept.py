"""Text that has to come back as it was - code, names, what is marked so - within a translation that was free to
change it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.documents.alignment import Aligned, Link, Span

_SHARE = 0.35
"""Less than half: a word of its translation that is left standing beside it says it twice."""
_CLEAR = 0.7
"""Confidence under which what was replaced may have been other words."""


@dataclass(frozen=True, slots=True)
class Kept:
    number: int
    """Of the tag."""
    source: Span
    """Where it is in the source, in the offsets of the links."""
    text: str


@dataclass(frozen=True, slots=True)
class Restored:
    text: str
    links: tuple[Link, ...]
    spans: dict[int, Span]
    """Where each kept text is now, by the number of its tag."""
    sure: bool


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    kept: Kept
    space: str = ""
    """Written before it."""


def restore(text: str, links: Sequence[Link], kept: Sequence[Kept], *, least: float) -> Restored:
    """`text` with every kept text in it once, each where it was found or where its words went, or else at the end."""
    aligned = Aligned(text, links)
    edits: list[_Edit] = []
    sure = True
    for each in kept:
        free = [(edit.start, edit.end) for edit in edits]
        found = aligned.find(*each.source, spoken=any(map(str.isalnum, each.text)), share=_SHARE)
        expected = (found.start, found.end) if found and found.confidence >= least else None
        span = standing = _standing(text, each, expected, free)
        if span is None and expected and _free(expected, free):
            span = expected
        clear = found is not None and found.confidence >= _CLEAR
        sure = sure and span is not None and (standing is not None or clear)
        blank = " " if text and not text[-1].isspace() else ""
        edits.append(_Edit(*span, each) if span else _Edit(len(text), len(text), each, blank))
    return _applied(text, links, sorted(edits, key=lambda edit: (edit.start, edit.end)), sure=sure)


def _standing(text: str, kept: Kept, expected: Span | None, taken: Sequence[Span]) -> Span | None:
    """The occurrence nearest to where its words went, of those that nobody took."""
    pattern = re.escape(kept.text)
    before = r"(?<!\w)" if kept.text[:1].isalnum() else ""
    after = r"(?!\w)" if kept.text[-1:].isalnum() else ""
    for flags in (re.NOFLAG, re.IGNORECASE):
        spans = [found.span() for found in re.finditer(f"{before}{pattern}{after}", text, flags)]
        spans = [span for span in spans if span[0] < span[1] and _free(span, taken)]
        if spans:
            place = expected[0] if expected else 0
            return min(spans, key=lambda span: abs(span[0] - place))
    return None


def _free(span: Span, taken: Sequence[Span]) -> bool:
    return all(span[1] <= start or end <= span[0] for start, end in taken)


def _applied(text: str, links: Sequence[Link], edits: Sequence[_Edit], *, sure: bool) -> Restored:
    parts: list[str] = []
    spans: dict[int, Span] = {}
    moves: list[tuple[int, int, int, int]] = []
    position = length = 0
    for edit in edits:
        parts += (text[position : edit.start], edit.space, edit.kept.text)
        start = length + edit.start - position + len(edit.space)
        length = start + len(edit.kept.text)
        spans[edit.kept.number] = (start, length)
        moves.append((edit.start, edit.end, start, length))
        position = edit.end
    parts.append(text[position:])
    moved = tuple(replace(link, target=_moved(link.target, moves)) for link in links)
    return Restored("".join(parts), moved, spans, sure)


def _moved(span: Span, moves: Sequence[tuple[int, int, int, int]]) -> Span:
    """A range of the old text in the new one: what was replaced is taken as a whole."""
    start, end = span
    new_start, new_end = start, end
    for old_start, old_end, at, to in moves:
        if old_end <= start and not old_start == start == old_end:
            new_start = start + to - old_end
        elif old_start <= start < old_end:
            new_start = at
        if old_end < end or (old_end <= end and old_start < old_end < end):
            new_end = end + to - old_end
        elif old_start < end <= old_end:
            new_end = to
    return new_start, max(new_start, new_end)

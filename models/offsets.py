"""Where a range of one text is in another that says the same but for a few places: normalised, recased, mended."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from models.contracts import Span

_TOKEN = re.compile(r"\w+|[^\w\s]")


class Offsets:
    def __init__(self, before: str, after: str) -> None:
        self._same = before == after
        self._starts: list[int] = []
        """For each character of `before`, where it begins in `after`."""
        self._ends: list[int] = []
        if not self._same:
            self._after = after
            self._compare(before, after)

    def span(self, start: int, end: int) -> Span:
        """Of the half-open range, which holds at least one character; what was replaced is taken as a whole."""
        if self._same:
            return start, end
        low = self._starts[start]
        return low, max(low, self._ends[end - 1])

    def _compare(self, before: str, after: str) -> None:
        position = there = 0
        for (start, end), (low, high) in (*_shared(before, after), ((len(before),) * 2, (len(after),) * 2)):
            self._differ(start - position, there, low)
            if end - start == high - low:
                self._starts += range(low, high)
                self._ends += range(low + 1, high + 1)
            else:
                self._starts += [low] * (end - start)
                self._ends += [high] * (end - start)
            position, there = end, high

    def _differ(self, size: int, low: int, high: int) -> None:
        """Characters that have no partners are all of what stands in their place, white space round it aside."""
        between = self._after[low:high]
        start = low + len(between) - len(between.lstrip()) if between.strip() else low
        self._starts += [start] * size
        self._ends += [start + len(between.strip())] * size


def _shared(before: str, after: str) -> Iterator[tuple[Span, Span]]:
    """Words and signs that stand for each other, in order."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    first, last = len(before) - tail, len(after) - tail
    yield (0, head), (0, head)
    ours, theirs = _tokens(before, head, first), _tokens(after, head, last)
    folded = (
        [before[slice(*each)].casefold() for each in ours],
        [after[slice(*each)].casefold() for each in theirs],
    )
    for _, one, end, other, to in SequenceMatcher(None, *folded, autojunk=False).get_opcodes():
        if end - one == to - other:
            # The same word, or as many others in its place: a dash and a quotation mark for their plain forms.
            yield from zip(ours[one:end], theirs[other:to], strict=True)
    yield (first, len(before)), (last, len(after))


def _tokens(text: str, start: int, end: int) -> Sequence[Span]:
    return [found.span() for found in _TOKEN.finditer(text, start, end)]


def _common(one: str, other: str) -> int:
    """Characters that both begin with."""
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)

"""Where a range of one text is in another that says the same but for a few places: normalised, recased, mended."""

import re
from difflib import SequenceMatcher

from models.contracts import Span

_TOKEN = re.compile(r"\w+|\s|[^\w\s]")


class Offsets:
    def __init__(self, before: str, after: str) -> None:
        self._same = before == after
        self._starts: list[int] = []
        """For each character of `before`, where it begins in `after`."""
        self._ends: list[int] = []
        if not self._same:
            self._compare(before, after)

    def span(self, start: int, end: int) -> Span:
        """Of the half-open range, which holds at least one character; what was replaced is taken as a whole."""
        if self._same:
            return start, end
        low = self._starts[start]
        return low, max(low, self._ends[end - 1])

    def _compare(self, before: str, after: str) -> None:
        head = _common(before, after)
        tail = _common(before[head:][::-1], after[head:][::-1])
        self._equal(0, head)
        self._differ(before[head : len(before) - tail], after[head : len(after) - tail], head)
        self._equal(len(after) - tail, tail)

    def _differ(self, before: str, after: str, shift: int) -> None:
        ours, theirs = _TOKEN.findall(before), _TOKEN.findall(after)
        folded = ([token.casefold() for token in ours], [token.casefold() for token in theirs])
        there = shift
        for kind, low, high, first, last in SequenceMatcher(None, *folded, autojunk=False).get_opcodes():
            pairs = [(ours[low:high], theirs[first:last])]
            if kind == "equal":
                pairs = [([one], [other]) for one, other in zip(*pairs[0], strict=True)]
            for here, other in pairs:
                size, width = sum(map(len, here)), sum(map(len, other))
                if kind == "equal" and size == width:
                    self._equal(there, size)
                else:
                    self._starts += [there] * size
                    self._ends += [there + width] * size
                there += width

    def _equal(self, there: int, size: int) -> None:
        self._starts += range(there, there + size)
        self._ends += range(there + 1, there + size + 1)


def _common(one: str, other: str) -> int:
    """Characters that both begin with."""
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)

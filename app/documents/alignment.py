"""Which characters of a translation say what some characters of its source say, as far as the model knows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.contracts import Link, Span

__all__ = ["Aligned", "Found", "Link", "Span", "words"]

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\s]")  # noqa: RUF001 - an apostrophe
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_NEUTRAL = 0.15
"""Weight under which a word of the translation speaks for no word of the source."""


@dataclass(frozen=True, slots=True)
class Found:
    start: int
    end: int
    confidence: float
    """The lower of two shares: of the range that belongs to the source's words, of these words that is in it."""


class Aligned:
    """A translation with its links."""

    def __init__(self, text: str, links: Sequence[Link]) -> None:
        self._links = [
            link for link in links if link.target[0] < link.target[1] and link.source[0] < link.source[1]
        ]
        self.words = _words(text, self._links)
        self._signs = [not text[start].isalnum() for start, _ in self.words]
        self._totals = self._masses((-1, 1 << 60))

    def find(self, start: int, end: int, *, spoken: bool = True, share: float = 0.5) -> Found | None:
        """Where the words of the source's range [start, end) are, as one run of words.

        `spoken`: the range holds words, which no punctuation mark alone can say. `share`: how much of what a word
        says must be the range's for the word to be its own.
        """
        masses = self._masses((start, end))
        shares = [
            share if total <= _NEUTRAL or (sign and spoken) else mass / total
            for mass, total, sign in zip(masses, self._totals, self._signs, strict=True)
        ]
        best = _best_run([each - share for each in shares])
        if best is None:
            return None
        low, high = best
        run = shares[low:high]
        inside, everything = sum(masses[low:high]), sum(masses)
        confidence = min(sum(run) / len(run), inside / everything if everything else 0.0)
        return Found(self.words[low][0], self.words[high - 1][1], confidence)

    def strongest(self, start: int, end: int) -> Found | None:
        """The one word that says most of the source's range; its confidence is its share."""
        masses = self._masses((start, end))
        most = max(masses, default=0.0)
        if most <= _NEUTRAL:
            return None
        return Found(*self.words[masses.index(most)], most / sum(masses))

    def _masses(self, source: Span) -> list[float]:
        """For each word, the weight of its links to the range of the source."""
        masses = [0.0] * len(self.words)
        for link in self._links:
            share = _overlap(link.source, source) / (link.source[1] - link.source[0])
            if share == 0:
                continue
            for number in self._touched(link.target):
                part = _overlap(link.target, self.words[number]) / (link.target[1] - link.target[0])
                masses[number] += link.weight * share * part
        return masses

    def _touched(self, target: Span) -> range:
        low, high = 0, len(self.words)
        while low < high:
            middle = (low + high) // 2
            if self.words[middle][1] <= target[0]:
                low = middle + 1
            else:
                high = middle
        end = low
        while end < len(self.words) and self.words[end][0] < target[1]:
            end += 1
        return range(low, end)


def words(text: str) -> list[Span]:
    return [found.span() for found in _WORD.finditer(text)]


def _words(text: str, links: Sequence[Link]) -> list[Span]:
    """Where a script has no spaces, what the model wrote as one piece stands for a word."""
    if not _UNSPACED.search(text):
        return words(text)
    edges = {edge for link in links for edge in link.target}
    found: list[Span] = []
    for start, end in words(text):
        cuts = [start, *sorted(edge for edge in edges if start < edge < end), end]
        found += pairwise(cuts)
    return found


def _best_run(scores: Sequence[float]) -> Span | None:
    """The run with the highest sum; None if none is positive."""
    best, found = 0.0, None
    total, start = 0.0, 0
    for number, score in enumerate(scores):
        if total <= 0:
            total, start = 0.0, number
        total += score
        if total > best:
            best, found = total, (start, number + 1)
    return found


def _overlap(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))

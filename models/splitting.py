# ruff: noqa: RUF001 - the punctuation of many scripts
"""Cuts text that is too long for a model's positions into pieces that fit.

The limit is the model's: past it the engine truncates or refuses the whole batch.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator

_CLOSERS = "[\"'”’»)\\]」』）]*"
# A point ends a sentence here only after a word of four letters: the segmenter has already rejected the others,
# and "Dr." or "No." would be worse than a comma.
_SENTENCE = re.compile(rf"(?:(?:[!?…؟]|(?<=[^\W\d_]{{4}})\.){_CLOSERS}(?=\s))|[。！？।॥۔]+{_CLOSERS}")
_CLAUSE = re.compile(r"[;:,)\]}»”—–](?=\s)|(?<=\s)[—–(\[](?=\S)|[、，；：،؛]|[」』）]")
_SPACE = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[^\w\s]")

_ZERO_WIDTH_JOINER = "\u200d"
_LONGEST_CLUSTER = 32
# Share of the limit left free so that a cut may move from the ideal place to a good one; the last cut needs least.
_SLACK = 0.1
_LAST_SLACK = 0.02


def split_to_limit(text: str, *, limit: int, count: Callable[[str], int]) -> list[tuple[int, int]]:
    """Half-open code point ranges of `text`, of at most `limit` by `count`, with only white space between them.

    A range of one code point may be over the limit; text that fits is one range. `count` need not be additive.
    Characters counted in total: O(n log n).
    """
    if limit < 1:
        raise ValueError("the limit must be at least 1 token")
    total = count(text)
    if total <= limit:
        return [(0, len(text))]
    pieces: list[tuple[int, int]] = []
    # A stack, not recursion: a piece's halves are wanted in order, and depth would be the caller's to choose.
    waiting = [(0, len(text), total)]
    while waiting:
        start, end, tokens = waiting.pop()
        if tokens <= limit or end - start == 1:
            pieces.append((start, end))
            continue
        halves = _halve(text, start, end, tokens / limit)
        waiting += [(low, high, count(text[low:high])) for low, high in reversed(halves)]
    return pieces


def _halve(text: str, start: int, end: int, fullness: float) -> list[tuple[int, int]]:
    """Both sides of the best cut, trimmed of white space; `fullness` is the piece's tokens over the limit."""
    parts = max(2, math.ceil(fullness * (1 + (_SLACK if fullness > 2 else _LAST_SLACK))))
    left = parts // 2
    ideal = start + (end - start) * left // parts
    # How far the cut may move before one side needs more parts than planned.
    spare = min(left - fullness * left / parts, (parts - left) * (1 - fullness / parts))
    reach = round((end - start) / fullness * min(spare / (1 if parts == 2 else 2), 0.25))
    cut = _cut(text, start, end, ideal, reach)
    return [side for side in (_trim(text, start, cut), _trim(text, cut, end)) if side]


def _cut(text: str, start: int, end: int, ideal: int, reach: int) -> int:
    """The offset to cut at, strictly between `start` and `end`."""
    low, high = max(start + 1, ideal - reach), min(end - 1, ideal + reach)
    for pattern in (_SENTENCE, _CLAUSE, _SPACE):
        places = [place for place in _places(pattern, text, low, high) if start < place < end]
        if places:
            return min(places, key=lambda place: abs(place - ideal))
    if (space := _nearest_space(text, start, end, ideal)) is not None:
        return space
    places = [place for place in _places(_PUNCTUATION, text, low, high) if start < place < end]
    nearest = min(places, key=lambda place: abs(place - ideal), default=ideal)
    return _off_cluster(text, start, end, max(start + 1, min(nearest, end - 1)))


def _places(pattern: re.Pattern[str], text: str, low: int, high: int) -> Iterator[int]:
    """Ends of matches; the mark stays with what it closes."""
    for match in pattern.finditer(text, low - 1, min(high + 1, len(text))):
        yield match.start() if match.group() in {"—", "–", "(", "["} else match.end()


def _nearest_space(text: str, start: int, end: int, ideal: int) -> int | None:
    after = _SPACE.search(text, ideal, end)
    before = next((at for at in range(ideal - 1, start, -1) if text[at].isspace()), None)
    if after is None or (before is not None and ideal - before <= after.start() - ideal):
        return before
    return after.start() if after.start() > start else before


def _off_cluster(text: str, start: int, end: int, cut: int) -> int:
    """`cut`, or a place near it that does not part a letter from its marks."""
    around = sorted(
        range(max(start + 1, cut - _LONGEST_CLUSTER), min(end, cut + _LONGEST_CLUSTER)),
        key=lambda at: abs(at - cut),
    )
    return next((at for at in around if not _joins(text[at - 1], text[at])), cut)


def _joins(before: str, after: str) -> bool:
    return (
        unicodedata.category(after)[0] == "M"
        or _ZERO_WIDTH_JOINER in (before, after)
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
    )


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    return (start, end) if start < end else None

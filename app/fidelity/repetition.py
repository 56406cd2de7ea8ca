"""Whether a translation repeats itself: words in a row, or characters within one."""

import re
from itertools import pairwise
from operator import eq

from app.fidelity.glance import Glance

_LOOP_IN_CHARACTERS = re.compile(r"(\S{1,6}?)\1{4,}")
_LONG_WORD = 15
_LEADERS = tuple(row for mark in ".-,!?_*" for row in (mark * 10, f"{mark} " * 5))
_SHORTEST_ROW = 5
"""Marks."""
_LONGEST_LOOP = 8


def repeats(source: Glance, translation: Glance) -> bool:
    if _words_recur(translation) and (loop := _longest_loop(translation.words)) > 1:
        return _longest_loop(source.words) < loop
    return _characters_loop(translation) and not _characters_loop(source)


def loops(text: str) -> bool:
    """Whether it repeats itself, whatever its source does."""
    return repeats(Glance(""), Glance(text))


def _words_recur(seen: Glance) -> bool:
    """Every loop has two words again and a pair of neighbours twice; a sentence without needs no closer look."""
    count = len(seen.words)
    return len(seen.distinct) < count - 1 and len(set(pairwise(seen.words))) < count - 1


def _characters_loop(seen: Glance) -> bool:
    longest = max(map(len, seen.words)) if seen.words else 0
    if longest > _LONG_WORD and any(
        len(word) > _LONG_WORD and _LOOP_IN_CHARACTERS.search(word) for word in seen.words
    ):
        return True
    return seen.marks >= _SHORTEST_ROW and _has_leaders(seen.text)


def _has_leaders(text: str) -> bool:
    for row in _LEADERS:  # noqa: SIM110 - any() over a generator takes three times as long
        if row in text:
            return True
    return False


def _longest_loop(found: list[str]) -> int:
    """How often the worst sequence of words comes in a row; 1 when none does.

    One or two words twice are grammar ("had had", "um a um"); longer sequences twice are a loop.
    """
    worst = 1
    for size in range(1, min(_LONGEST_LOOP, len(found) // 2) + 1):
        again = list(map(eq, found, found[size:]))
        if size == 1 and True in again:
            # 808 20 20 20 is a telephone number; figures that come too often are missed as numbers.
            again = [same and not word.isdecimal() for same, word in zip(again, found, strict=False)]
        if again.count(True) < size:
            continue
        run = 0
        for same in again:
            run = run + 1 if same else 0
            times = run // size + 1
            if times > (2 if size <= 2 else 1):
                worst = max(worst, times)
    return worst

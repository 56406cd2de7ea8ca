"""Whether a translation repeats itself: words in a row, or characters within one."""

import re
from itertools import pairwise
from operator import eq

from app.fidelity.glance import words

_LOOP_IN_CHARACTERS = re.compile(r"(\S{1,6}?)\1{4,}")
_LONG_WORD = 15
_LEADERS = tuple(row for mark in ".-,!?_*" for row in (mark * 10, f"{mark} " * 5))
_LONGEST_LOOP = 8


def repeats(source: str, translation: str, here: list[str], there: list[str]) -> bool:
    """`here` and `there`: their words, in small letters."""
    if _words_recur(there) and (loop := _longest_loop(there)) > 1:
        return _longest_loop(here) < loop
    return _characters_loop(translation, there) and not _characters_loop(source, here)


def loops(text: str) -> bool:
    """Whether it repeats itself, whatever its source does."""
    return repeats("", text, [], words(text))


def _words_recur(found: list[str]) -> bool:
    """Every loop has a pair of neighbours twice; a sentence without one needs no closer look."""
    if len(set(found)) == len(found):
        return False
    return len(set(pairwise(found))) < len(found) - 1


def _characters_loop(text: str, found: list[str]) -> bool:
    longest = max(map(len, found), default=0)
    if longest > _LONG_WORD and any(
        len(word) > _LONG_WORD and _LOOP_IN_CHARACTERS.search(word) for word in found
    ):
        return True
    return _has_leaders(text)


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

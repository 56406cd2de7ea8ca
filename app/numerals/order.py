# ruff: noqa: RUF001 - apostrophes and spaces that group digits
"""What has an order of its own: 020 7946-0958, 14:35, 3-1, 120/80."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from app.numerals.reading import DIGITS, Number, Numbered, short

_JOINT = re.compile(r"[:hH/–-]|[ .\xa0]|\)? ?[-(]? ?")
_PARTED = re.compile(r"\d+(?:(?:[:.,hH/'’–-]|[\xa0\u2009\u202f]|\)? ?[-(]? ?)\d+)*")
_LEAST_SPACED = 7
"""Digits, so that it is no year beside a number."""
_Run = tuple[list[str], str]
Differences = tuple[Counter[str], Counter[str]]


def disordered(here: Sequence[_Run], there: Sequence[_Run]) -> Differences:
    """What is written in parts (a telephone number, a time, a score) and the other side has in another order."""
    return _apart(here, there), _apart(there, here)


def _apart(own: Sequence[_Run], other: Sequence[_Run]) -> Counter[str]:
    parted = [(run, written) for run, written in own if len(run) > 1]
    if not parted:
        return Counter()
    # Neighbours and not whole runs, which would take each of them through all of the other side.
    neighbours = set(pairwise(value for run, _ in other for value in run))
    return Counter(written for run, written in parted if not neighbours.issuperset(pairwise(run)))


def runs(read: Numbered) -> list[_Run]:
    """Numbers with those that are joined to them, and how they are written."""
    if len(read.numbers) == 1:
        return []
    found: list[list[Number]] = []
    for number in read.numbers:
        if found and _JOINT.fullmatch(read.text, found[-1][-1].end, number.start):
            found[-1].append(number)
        else:
            found.append([number])
    return [
        run
        for joined in found
        for run in _one_by_one([each.digits for each in joined], read.text[joined[0].start : joined[-1].end])
    ]


def digit_runs(text: str) -> list[_Run]:
    return [
        run
        for match in _PARTED.finditer(text)
        for run in _one_by_one([short(digits) for digits in DIGITS.findall(match[0])], match[0])
    ]


def _one_by_one(values: list[str], written: str) -> list[_Run]:
    """Apart, where only a space is between them and they may stand side by side by chance."""
    if " " in written and sum(map(len, values)) < _LEAST_SPACED:
        return [([value], value) for value in values]
    return [(values, written)]

"""Which of several models or routes was measured to be better: scores of one test set against each other, never of two.

Pure. Where nothing is in common, a stated order decides, and the Choice says so.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import prod

from models.card import Score
from models.contracts import LanguagePair
from models.language import UnknownCode, normalise

Marks = Mapping[str, float]
"""chrF, 0 to 100, by test set: its name in small letters and digits alone, without the pair's codes."""

OTHER_SENTENCES = ("tatoeba",)
"""How test sets begin that share a name and have other sentences for every pair: of no use to compare two pairs by."""
_SHOWN = 5
_CODES = re.compile(r"[.\-_ ]([A-Za-z]{2,3})[.\-_]([A-Za-z]{2,3})$")


class Grounds(StrEnum):
    """What a choice goes by."""

    ONLY = "only"
    """There was nothing else to choose."""
    RULE = "rule"
    """The routes file says so."""
    SCORES = "scores"
    """Scores on test sets that it has in common with others, the most that there are."""
    ORDER = "order"
    """No score tells them apart: the order in docs/models.md."""


@dataclass(frozen=True, slots=True)
class Compared:
    models: tuple[str, ...]
    languages: tuple[str, ...]
    score: float | None
    """Mean chrF on the test sets compared by, of two hops their product less the penalty; None where it lacks one."""


@dataclass(frozen=True, slots=True)
class Choice:
    by: Grounds = Grounds.ONLY
    testsets: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    """The chosen one first, then the next best."""


@dataclass(frozen=True, slots=True)
class Candidate:
    models: tuple[str, ...]
    languages: tuple[str, ...]
    marks: Marks
    order: tuple[object, ...]
    """Where no score decides, the least goes first."""


def choose(candidates: Sequence[Candidate]) -> tuple[int, Choice]:
    """The position of the best, and why it is."""
    if len(candidates) == 1:
        return 0, Choice()
    testsets = common([each.marks for each in candidates])
    scores = [_mean(each.marks, testsets) for each in candidates]
    ranked = sorted(range(len(candidates)), key=lambda at: (_badness(scores[at]), candidates[at].order))
    first, second = ranked[:2]
    by = Grounds.ORDER if scores[first] == scores[second] else Grounds.SCORES
    compared = tuple(
        Compared(candidates[at].models, candidates[at].languages, scores[at]) for at in ranked[:_SHOWN]
    )
    return first, Choice(by, testsets, compared)


def common(found: Sequence[Marks]) -> tuple[str, ...]:
    """The test sets to compare by: the one that most have, two at least, and all others that the same have; or none."""
    counts = Counter(testset for marks in found for testset in marks)
    most = max(counts.values(), default=0)
    if most < 2:
        return ()
    first = min(testset for testset, count in counts.items() if count == most)
    holders = [set(marks) for marks in found if first in marks]
    return tuple(sorted(set.intersection(*holders)))


def marks(scores: Iterable[Score], pair: LanguagePair) -> Marks:
    """Of several scores under one name the last: what was measured here comes after the card's own."""
    return {_key(score): score.chrf for score in scores if score.pair == pair}


def between_pairs(found: Marks) -> Marks:
    """Those whose sentences are the same in all languages, as far as names tell."""
    return {testset: chrf for testset, chrf in found.items() if not testset.startswith(OTHER_SENTENCES)}


def chained(hops: Sequence[Marks], *, penalty: float) -> Marks:
    """Of one hop after the other: what the first gets wrong the second reads. `penalty`: for each after the first."""
    if not all(hops):
        return {}
    testsets = set.intersection(*(set(each) for each in hops))
    cost = penalty ** (len(hops) - 1)
    return {each: 100 * cost * prod(hop[each] / 100 for hop in hops) for each in testsets}


def _key(score: Score) -> str:
    name = score.testset
    codes = _CODES.search(name)
    if codes and _pair(codes[1], codes[2]) == score.pair:
        name = name[: codes.start()]
    return "".join(letter for letter in name.casefold() if letter.isalnum()) or name


def _pair(source: str, target: str) -> LanguagePair | None:
    try:
        return LanguagePair(normalise(source), normalise(target))
    except UnknownCode:
        return None


def _mean(found: Marks, testsets: Sequence[str]) -> float | None:
    if not testsets or any(each not in found for each in testsets):
        return None
    return sum(found[each] for each in testsets) / len(testsets)


def _badness(score: float | None) -> float:
    """The best is the least; what has no score comes after all that do."""
    return 1.0 if score is None else -score

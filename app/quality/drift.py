"""Whether flags and confidence of a group of segments are what they were: drift, no drift, or too few to say. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.quality.statistics import (
    LEAST_EXPECTED,
    POWER,
    Comparison,
    Day,
    Interval,
    compare,
    critical,
    effective,
    holm,
    wilson,
)

ERROR_RATE = 0.01
"""Chance that a report in which nothing changed finds drift anywhere, as far as the test's assumptions hold."""
ANY_DOUBT = "any_doubt"
CONFIDENCE = "confidence"
"""Names of what is tested beside the flags: segments with any doubt, and the mean confidence."""
_RELATIVE, _ABSOLUTE, _CONFIDENCE = 0.2, 0.001, 0.01
"""Smaller changes are nobody's concern, however certain: a fifth of the rate and 1 in 1,000; 0.01 of the confidence."""
_NOTICED, _LOST = 0.005, 0.05
"""What "no drift" promises would have been noticed: a doubling and at least 5 more in 1,000; 0.05 of the confidence."""


class Verdict(StrEnum):
    DRIFT = "drift"
    """A change that chance explains too seldom, and that is large enough to matter."""
    NO_DRIFT = "no drift"
    """A change that matters would have been noticed with a probability of 80 %."""
    TOO_FEW = "too few"
    """Too few segments, or days, to have noticed it: nothing is known."""


@dataclass(frozen=True, slots=True)
class Rate:
    segments: int
    count: int
    interval: Interval
    """Wilson's, 95 %, of the share; of as many independent segments as these are worth."""

    @property
    def share(self) -> float | None:
        return self.count / self.segments if self.segments else None


@dataclass(frozen=True, slots=True)
class Mean:
    segments: int
    value: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One flag of one group, or its confidence, then and now."""

    what: str
    now: Rate | Mean
    before: Rate | Mean
    compared: Comparison | None
    p: float | None = None
    """Adjusted for all the comparisons of the report."""
    verdict: Verdict = Verdict.TOO_FEW


def figures(now: Mapping[str, Sequence[Day]], before: Mapping[str, Sequence[Day]]) -> list[Figure]:
    """By name: days of each flag, of ANY_DOUBT and of CONFIDENCE. A name that one stretch lacks is given as zeros."""
    return [_figure(what, now[what], before[what]) for what in now]


def judged(found: Sequence[Figure]) -> list[Figure]:
    """All of a report at once: the chance of a false alarm is of the whole."""
    ps = [1.0 if each.compared is None else each.compared.p for each in found]
    tested = [place for place, each in enumerate(found) if each.compared is not None]
    adjusted = dict(zip(tested, holm([ps[place] for place in tested]), strict=True))
    return [
        replace(each, p=adjusted.get(place), verdict=_verdict(each, adjusted.get(place), tests=len(tested)))
        for place, each in enumerate(found)
    ]


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Drift if there is any; too few where nothing could be said of anything."""
    if Verdict.DRIFT in verdicts:
        return Verdict.DRIFT
    return Verdict.NO_DRIFT if Verdict.NO_DRIFT in verdicts else Verdict.TOO_FEW


def _figure(what: str, now: Sequence[Day], before: Sequence[Day]) -> Figure:
    if what == CONFIDENCE:
        return Figure(what, _mean(now), _mean(before), compare(now, before, share=False))
    return Figure(what, rate(now), rate(before), compare(now, before))


def rate(days: Sequence[Day]) -> Rate:
    segments, count = sum(each.n for each in days), round(sum(each.total for each in days))
    if not segments:
        return Rate(0, 0, Interval(0.0, 1.0))
    return Rate(segments, count, wilson(count / segments, effective(days)))


def _mean(days: Sequence[Day]) -> Mean:
    segments = sum(each.n for each in days)
    if not segments:
        return Mean(0, None, None)
    mean = sum(each.total for each in days) / segments
    spread = max(sum(each.squares for each in days) / segments - mean * mean, 0.0)
    worth = effective(days)
    away = critical(0.05, max(round(worth) - 1, 1)) * math.sqrt(spread / max(worth - 1, 1))
    return Mean(segments, mean, Interval(max(mean - away, 0.0), min(mean + away, 1.0)))


def _verdict(figure: Figure, p: float | None, *, tests: int) -> Verdict:
    compared = figure.compared
    if compared is None or p is None or compared.expected == 0:
        return Verdict.TOO_FEW
    difference = abs(compared.now - compared.before)
    sure = compared.expected >= LEAST_EXPECTED
    if sure and p < ERROR_RATE and difference >= _least(figure.what, compared.before):
        return Verdict.DRIFT
    return Verdict.NO_DRIFT if _would_be_noticed(figure, compared, tests) else Verdict.TOO_FEW


def _least(what: str, before: float) -> float:
    return _CONFIDENCE if what == CONFIDENCE else max(_RELATIVE * before, _ABSOLUTE)


def _would_be_noticed(figure: Figure, compared: Comparison, tests: int) -> bool:
    """A change that matters, in the strictest of `tests` comparisons."""
    bound = critical(ERROR_RATE / tests, compared.freedom) + POWER
    if figure.what == CONFIDENCE:
        return bound * compared.error <= _LOST
    more = max(compared.before, _NOTICED)
    n1, n0 = figure.now.segments / compared.now_effect, figure.before.segments / compared.before_effect
    after = min(compared.before + more, 1.0)
    mean = (n1 * after + n0 * compared.before) / (n1 + n0)
    error = math.sqrt(mean * (1 - mean) * (1 / n1 + 1 / n0))
    return bound * error <= more and min(n1, n0) * min(mean, 1 - mean) >= LEAST_EXPECTED

"""Shares and means of days, how far they can be trusted, and whether two stretches of days differ. Pure.

Segments of a day are no independent draws: a document of invoices has many numbers. How much days differ beyond chance
is measured on the days themselves (the moment estimator of the intraclass correlation, within each stretch), and
every variance is that of independent segments times the design effect it gives (Kish 1965).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

Z95 = 1.959964
POWER = 0.841621
"""Of the normal distribution, for a chance of 80 % to notice."""
LEAST_DAYS = 10
"""Of both stretches together: with fewer nothing is known of how days differ."""
LEAST_EXPECTED = 10.0
"""Segments with a flag, and without, in either stretch if nothing changed: fewer are no normal distribution."""


@dataclass(frozen=True, slots=True)
class Day:
    n: int
    """Segments."""
    total: float
    """Those with the flag, or the sum of their values."""
    squares: float
    """Sum of the values' squares; of a flag the same as `total`."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    now: float
    before: float
    p: float
    """Of a difference as large or larger, if nothing changed; two-sided."""
    now_effect: float
    before_effect: float
    """Design effects, at least 1."""
    error: float
    """Standard error of the difference, if nothing changed."""
    freedom: int
    expected: float
    """The fewest expected in one cell."""


def wilson(share: float, n: float) -> Interval:
    """The 95 % interval of Wilson (1927); `n` may be an effective number, and then not whole."""
    if n <= 0:
        return Interval(0.0, 1.0)
    middle = share + Z95**2 / (2 * n)
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
    scale = 1 + Z95**2 / n
    # The share lies between them, which rounding does not always leave it to do.
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return Interval(max(min(low, share), 0.0), min(max(high, share), 1.0))


def compare(now: Sequence[Day], before: Sequence[Day], *, share: bool = True) -> Comparison | None:
    """None where either has no segments, or there are fewer than LEAST_DAYS days. `share`: of a flag, not of a mean."""
    now, before = _filled(now), _filled(before)
    if not now or not before or len(now) + len(before) < LEAST_DAYS:
        return None
    n1, n0 = _n(now), _n(before)
    mean = (_sum(now) + _sum(before)) / (n1 + n0)
    spread = (sum(each.squares for each in (*now, *before)) / (n1 + n0)) - mean * mean
    correlation = _correlation((now, before), spread)
    first, second = _effect(now, correlation), _effect(before, correlation)
    error = math.sqrt(max(spread, 0.0) * (first / n1 + second / n0))
    freedom = len(now) + len(before) - 2
    difference = _sum(now) / n1 - _sum(before) / n0
    p = _two_sided(difference / error, freedom) if error > 0 else 1.0
    expected = min(n1 / first, n0 / second) * min(mean, 1 - mean) if share else math.inf
    return Comparison(_sum(now) / n1, _sum(before) / n0, p, first, second, error, freedom, expected)


def effective(days: Sequence[Day]) -> float:
    """As many independent segments would say as much; all of them where there are too few days to know."""
    days = _filled(days)
    n = _n(days)
    if len(days) < LEAST_DAYS:
        return n
    mean = _sum(days) / n
    spread = sum(each.squares for each in days) / n - mean * mean
    return n / _effect(days, _correlation((days,), spread))


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down: with these below a bound, the chance of any false alarm among all is below it."""
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, ps[place] * (len(ps) - rank)))
        adjusted[place] = highest
    return adjusted


def critical(p: float, freedom: int) -> float:
    """Student's t that is exceeded on either side with probability `p`: Wallace's (1959) way to the normal and back."""
    z = NormalDist().inv_cdf(1 - p / 2) * (8 * freedom + 3) / (8 * freedom + 1)
    return math.sqrt(freedom * math.expm1(z * z / freedom))


def _two_sided(t: float, freedom: int) -> float:
    z = math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return math.erfc(z / math.sqrt(2))


def _correlation(stretches: Sequence[Sequence[Day]], spread: float) -> float:
    """Of two segments of a day, 0 to 1: what days of a stretch differ by, beyond what chance explains."""
    if spread <= 0:
        return 0.0
    found, by_chance, weight = 0.0, 0.0, 0.0
    for days in stretches:
        n, mean = _n(days), _sum(days) / _n(days)
        found += sum((each.total - each.n * mean) ** 2 / (each.n * spread) for each in days)
        by_chance += len(days) - 1
        weight += n - len(days) - (sum(each.n**2 for each in days) - n) / n
    return min(max((found - by_chance) / weight, 0.0), 1.0) if weight > 0 else 0.0


def _effect(days: Sequence[Day], correlation: float) -> float:
    size = sum(each.n**2 for each in days) / _n(days)
    return 1 + (size - 1) * correlation


def _filled(days: Sequence[Day]) -> list[Day]:
    return [each for each in days if each.n]


def _n(days: Sequence[Day]) -> int:
    return sum(each.n for each in days)


def _sum(days: Sequence[Day]) -> float:
    return sum(each.total for each in days)

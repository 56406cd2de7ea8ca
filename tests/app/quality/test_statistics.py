"""Intervals and tests against published figures, and their error rate against chance itself."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.quality.statistics import Day, compare, critical, effective, holm, wilson


def days(count: int, size: int, share: float, dice: random.Random, *, alike: float = 0.0) -> list[Day]:
    """`alike`: the correlation of two segments of a day."""
    found = []
    for _ in range(count):
        own = dice.betavariate(share * (1 / alike - 1), (1 - share) * (1 / alike - 1)) if alike else share
        # The normal distribution is near enough the binomial's for these sizes, and cheap.
        hits = min(max(round(dice.gauss(size * own, math.sqrt(size * own * (1 - own)))), 0), size)
        found.append(Day(size, hits, hits))
    return found


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    # Newcombe 1998, table I: method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_as_published(count: int, n: int, low: float, high: float) -> None:
    found = wilson(count / n, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_an_interval_holds_its_share(n: int, share: float) -> None:
    found = wilson(share, n)
    assert 0 <= found.low <= share <= found.high <= 1


@pytest.mark.parametrize(("p", "freedom", "t"), [(0.05, 10, 2.228), (0.01, 33, 2.733), (0.001, 20, 3.850)])
def test_students_t_is_as_in_the_tables(p: float, freedom: int, t: float) -> None:
    assert critical(p, freedom) == pytest.approx(t, rel=0.005)


def test_holm_is_as_published() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@pytest.mark.parametrize("alike", [0.0, 0.01])
def test_false_alarms_are_as_many_as_are_allowed(alike: float) -> None:
    """Five in a hundred, also where the segments of a day resemble each other; 500 trials are within 2.2 of it."""
    dice = random.Random(11)  # noqa: S311 - must be the same every time
    alarms = sum(
        found is not None and found.p < 0.05
        for found in (
            compare(days(7, 500, 0.05, dice, alike=alike), days(28, 500, 0.05, dice, alike=alike))
            for _ in range(500)
        )
    )
    assert alarms <= 36


def test_days_that_differ_make_segments_worth_less() -> None:
    dice = random.Random(5)  # noqa: S311
    assert effective(days(30, 500, 0.1, dice)) > 7_500
    assert effective(days(30, 500, 0.1, dice, alike=0.05)) < 2_000


def test_nothing_is_said_of_too_few_days() -> None:
    one = [Day(10_000, 100, 100)]
    assert compare(one, one * 8) is None
    assert compare(one, one * 9) is not None
    assert compare([], one * 20) is None
    assert compare([Day(0, 0, 0)], one * 20) is None

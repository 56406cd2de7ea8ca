from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.money import apportion, cost_nanos, format_nanos, per_million, price_nanos

sums = st.integers(min_value=0, max_value=10**18)
weights = st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=20)
rates = st.decimals(min_value=0, max_value=1_000_000, places=6)


@pytest.mark.parametrize(
    ("characters", "price", "nanos"),
    [
        (42, "8.06", 338_520),
        (1_000_000, "8.06", 8_060_000_000),
        (0, "8.06", 0),
        (1, "0.0005", 0),  # half a nano, to even
        (3, "0.0005", 2),
        (1, "0.0015", 2),
    ],
)
def test_price(characters: int, price: str, nanos: int) -> None:
    assert price_nanos(characters, price_per_million=Decimal(price)) == nanos


def test_cost_is_the_machines_rate_shared_by_its_threads() -> None:
    hour = 3_600 * 10**9
    assert cost_nanos(hour, rate_per_hour=Decimal("0.08"), threads=1) == 80_000_000
    assert cost_nanos(hour, rate_per_hour=Decimal("0.08"), threads=2) == 40_000_000
    assert cost_nanos(5_000_000, rate_per_hour=Decimal("0.08"), threads=2) == 56  # one sentence's 5 ms


@given(sums, rates)
def test_a_price_is_within_half_a_nano(characters: int, price: Decimal) -> None:
    exact = characters * Fraction(price) * 1_000
    assert abs(price_nanos(characters, price_per_million=price) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("nanos", "text"),
    [
        (0, "0.000000000"),
        (338_520, "0.000338520"),
        (12_000_000_001, "12.000000001"),
        (-1, "-0.000000001"),
    ],
)
def test_format(nanos: int, text: str) -> None:
    assert format_nanos(nanos) == text


@given(st.integers(min_value=-(10**18), max_value=10**18))
def test_format_loses_nothing(nanos: int) -> None:
    assert Decimal(format_nanos(nanos)) * 10**9 == nanos


def test_per_million() -> None:
    assert per_million(338_520, 42) == Decimal("8.06")
    assert per_million(0, 42) == 0
    assert per_million(338_520, 0) is None


@given(sums, weights)
def test_parts_sum_to_the_total_and_are_fair(total: int, given_weights: list[int]) -> None:
    parts = apportion(total, given_weights)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    if whole := sum(given_weights):
        for part, weight in zip(parts, given_weights, strict=True):
            assert abs(part - Fraction(total * weight, whole)) < 1


def test_apportion_at_its_edges() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(2, [0, 1, 2]) == [0, 1, 1]
    assert apportion(5, [0, 0]) == [5, 0]
    assert apportion(0, []) == []
    for total, bad in ((1, []), (-1, [1]), (1, [-1, 2])):
        with pytest.raises(ValueError):
            apportion(total, bad)

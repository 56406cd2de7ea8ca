from hypothesis import given
from hypothesis import strategies as st

from batching.budget import Budget, padded, share

lengths = st.lists(st.integers(0, 600), max_size=50)


@given(lengths)
def test_padded_tokens_are_a_rectangle_that_covers_every_segment(segments: list[int]) -> None:
    cost = padded(segments)

    assert cost == max(segments, default=0) * len(segments)
    assert cost >= sum(segments)
    assert padded(iter(segments)) == cost


@given(st.lists(st.integers(0, 600), min_size=2, max_size=50), st.integers(1, 5000))
def test_what_fits_costs_no_more_than_the_budget(segments: list[int], budget: int) -> None:
    assert Budget(budget).allows(max(segments), len(segments)) == (padded(segments) <= budget)


@given(st.integers(0, 600), st.integers(2, 50), st.integers(1, 50))
def test_no_more_segments_fit_than_a_batch_may_have(longest: int, count: int, most: int) -> None:
    assert Budget(600 * 50, most).allows(longest, count) == (count <= most)


@given(st.integers(0, 10_000), st.integers(1, 100))
def test_one_segment_alone_always_fits(length: int, budget: int) -> None:
    assert Budget(budget).allows(length, 1)


@given(st.integers(0, 10**15), st.integers(1, 5000))
def test_shares_are_even_to_a_unit_and_lose_nothing(total: int, count: int) -> None:
    shares = share(total, count)

    assert len(shares) == count
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1

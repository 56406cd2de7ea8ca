from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from batching.budget import Budget, padded
from batching.policy import WINDOW, fill, merge, window


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Compared by identity, as work items are."""

    tenant: str
    length: int


def fair_order(queues: Mapping[str, Sequence[Piece]], served: Mapping[str, int]) -> Iterator[Piece]:
    """`merge` over named tenants, put in the order that it asks for."""
    tenants = [(served.get(tenant, 0), queue) for tenant, queue in queues.items()]
    return merge(sorted(tenants, key=lambda each: each[0]))


pieces = st.builds(Piece, st.sampled_from("abc"), st.integers(0, 250))
queues = st.dictionaries(
    st.sampled_from("abcdef"), st.lists(st.integers(1, 200), max_size=30), min_size=1, max_size=5
).map(lambda each: {tenant: [Piece(tenant, length) for length in sizes] for tenant, sizes in each.items()})
budgets = st.integers(1, 2048)
mosts = st.integers(1, 100)


@given(st.lists(pieces, min_size=1, max_size=80), budgets)
def test_a_batch_is_some_of_the_candidates_once_each_and_always_the_first(
    candidates: list[Piece], budget: int
) -> None:
    batch = fill(candidates, budget=Budget(budget))

    assert candidates[0] in batch
    assert len({id(each) for each in batch}) == len(batch)
    assert {id(each) for each in batch} <= {id(each) for each in candidates}


@given(st.lists(pieces, min_size=1, max_size=80), budgets, mosts)
def test_a_batch_keeps_to_the_budget_unless_it_is_one_segment(
    candidates: list[Piece], budget: int, most: int
) -> None:
    batch = fill(candidates, budget=Budget(budget, most))

    assert len(batch) <= most
    assert len(batch) == 1 or padded(each.length for each in batch) <= budget


@given(st.lists(pieces, min_size=1, max_size=80), budgets)
def test_a_batch_is_longest_first_and_of_neighbouring_lengths(candidates: list[Piece], budget: int) -> None:
    batch = fill(candidates, budget=Budget(budget))

    lengths = [each.length for each in batch]
    assert lengths == sorted(lengths, reverse=True)
    left = [each.length for each in candidates if each not in batch]
    assert not [length for length in left if lengths[-1] < length < lengths[0]]


@given(st.lists(pieces, min_size=1, max_size=80), budgets, mosts)
def test_a_batch_is_full(candidates: list[Piece], budget: int, most: int) -> None:
    batch = fill(candidates, budget=Budget(budget, most))

    longest = batch[0].length
    left = [each.length for each in candidates if each not in batch]
    room = len(batch) < most and (len(batch) + 1) * longest <= budget
    assert not [length for length in left if length <= longest and room], "a shorter one would have fitted"


def test_no_candidates_make_no_batch() -> None:
    assert fill([], budget=Budget(100)) == []


def test_a_batch_gathers_what_is_near_its_first_in_length() -> None:
    sizes = [20, 200, 21, 5, 19, 190, 22]
    candidates = [Piece("a", size) for size in sizes]

    assert [each.length for each in fill(candidates, budget=Budget(88))] == [22, 21, 20, 19]


@given(queues)
def test_the_order_holds_every_item_once_and_each_tenants_in_turn(waiting: dict[str, list[Piece]]) -> None:
    order = list(fair_order(waiting, {}))

    assert Counter(map(id, order)) == Counter(id(each) for queue in waiting.values() for each in queue)
    for tenant, queue in waiting.items():
        assert [each for each in order if each.tenant == tenant] == queue


@given(queues, st.integers(0, 100))
def test_tenants_with_work_get_shares_that_differ_by_one_item_at_most(
    waiting: dict[str, list[Piece]], taken: int
) -> None:
    left = {tenant: len(queue) for tenant, queue in waiting.items()}
    given_to = dict.fromkeys(waiting, 0)
    longest = max((each.length for queue in waiting.values() for each in queue), default=0)

    for item in islice(fair_order(waiting, {}), taken):
        given_to[item.tenant] += item.length
        left[item.tenant] -= 1
        if not all(left.values()):
            break
        assert max(given_to.values()) - min(given_to.values()) <= longest


@given(queues, st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 1000)))
def test_whoever_had_least_comes_first(waiting: dict[str, list[Piece]], served: dict[str, int]) -> None:
    first = next(fair_order(waiting, served), None)

    working = [tenant for tenant, queue in waiting.items() if queue]
    if first is None:
        assert not working
        return
    assert served.get(first.tenant, 0) == min(served.get(tenant, 0) for tenant in working)


def test_a_tie_goes_to_whoever_waits_longest_not_to_a_name() -> None:
    waiting = {"zoe": [Piece("zoe", 5)], "ann": [Piece("ann", 5)]}

    assert [each.tenant for each in fair_order(waiting, {})] == ["zoe", "ann"]

    waiting = {"zoe": [Piece("zoe", 5)] * 2, "ann": [Piece("ann", 5)]}
    assert [each.tenant for each in fair_order(waiting, {"ann": 5})] == ["zoe", "zoe", "ann"]


@given(st.lists(pieces, max_size=80), budgets, mosts, st.integers(1, 8))
def test_the_window_is_a_run_from_the_start_and_bounded(
    items: list[Piece], budget: int, most: int, batches: int
) -> None:
    seen = window(iter(items), budget=Budget(budget, most), batches=batches)

    assert seen == items[: len(seen)]
    assert bool(seen) == bool(items)
    assert len(seen) <= most * batches
    assert len(seen) == 1 or sum(each.length for each in seen) <= budget * batches


def test_the_window_looks_no_further_than_it_must() -> None:
    endless = (Piece("a", 10) for _ in iter(int, 1))

    assert len(window(endless, budget=Budget(100))) == 10 * WINDOW
    assert len(window(endless, budget=Budget(100, 4))) == 4 * WINDOW

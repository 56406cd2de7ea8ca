from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batching import turns
from batching.turns import Turns

NAMES = "abcdefgh"

moves = st.tuples(st.sampled_from(NAMES), st.integers(1, 60), st.integers(0, len(NAMES)))
"""Who moves, for how many tokens, and how many turns are looked at then."""


@pytest.mark.parametrize("most", [2, 5, turns.MOST])
@given(st.lists(st.tuples(st.sampled_from(["serve", "leave"]), moves), max_size=60))
def test_turns_come_least_served_first_then_by_arrival(
    most: int, steps: list[tuple[str, tuple[str, int, int]]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(turns, "MOST", most)
        ours, served = Turns(), dict[str, tuple[int, int]]()
        for arrival, (step, (name, tokens, looks)) in enumerate(steps):
            if name not in served:
                served[name] = (min(served.values(), default=(0, 0))[0], arrival)
                ours.enter(name)
            elif step == "serve":
                served[name] = (served[name][0] + tokens, served[name][1])
                ours.serve(name, tokens)
            else:
                del served[name]
                ours.leave(name)
            expected = sorted((tokens, since, name) for name, (tokens, since) in served.items())

            found = list(islice(ours.in_order(), looks))
            assert found == [(tokens, name) for tokens, _, name in expected[:looks]]
        assert [name for _, name in ours.in_order()] == sorted(served, key=served.__getitem__)


def test_many_tenants_who_come_before_the_last_that_was_looked_at_stand_in_order_too() -> None:
    ours = Turns()
    ours.enter("least")
    ours.enter("most")
    ours.serve("most", 1_000_000)
    assert [name for _, name in ours.in_order()] == ["least", "most"]

    for number in range(3_000):
        ours.enter(f"tenant-{number}")
        ours.serve(f"tenant-{number}", 3_000 - number)

    assert len(ours._front) <= turns.MOST
    order = [name for _, name in ours.in_order()]
    assert order == ["least", *(f"tenant-{number}" for number in reversed(range(3_000))), "most"]


def test_one_tenant_served_for_ever_leaves_nothing_behind() -> None:
    ours = Turns()
    ours.enter("ann")
    assert [name for _, name in ours.in_order()] == ["ann"]
    for number in range(10 * turns.MOST):
        ours.serve("ann", number)

    assert len(ours._front) + len(ours._rest) <= 2 * turns.MOST
    assert [name for _, name in ours.in_order()] == ["ann"]

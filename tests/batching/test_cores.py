"""What engine calls side by side are charged for."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batching.cores import Cores, Entry
from batching.work import Priority

PERSON, BULK = Priority.INTERACTIVE, Priority.BULK


def test_nobody_stands_in_the_way_of_as_many_as_there_are_cores() -> None:
    cores = Cores(2)
    first, second = cores.enter(BULK, 10.0), cores.enter(PERSON, 10.1)

    assert cores.leave(PERSON, 10.2, since=second) == 1.0
    assert cores.leave(BULK, 10.3, since=first) == 1.0


def test_bulk_work_shares_what_people_leave_of_the_cores() -> None:
    cores = Cores(2)
    bulk = [cores.enter(BULK, 10.0), cores.enter(BULK, 10.0)]
    person = cores.enter(PERSON, 11.0)

    assert cores.leave(PERSON, 12.0, since=person) == 1.0
    assert cores.leave(BULK, 12.0, since=bulk[0]) == pytest.approx(0.75)
    assert cores.leave(BULK, 14.0, since=bulk[1]) == pytest.approx(0.875)


calls = st.lists(st.tuples(st.sampled_from(Priority), st.floats(0.001, 5), st.floats(0, 2)), max_size=40)


@given(calls, st.integers(1, 4))
def test_together_they_are_charged_for_no_more_than_the_cores_had(
    wanted: list[tuple[Priority, float, float]], count: int
) -> None:
    """No more than `count` of a class at once, as lanes have it."""
    cores = Cores(count)
    running: list[tuple[float, Priority, float, Entry]] = []
    charged = 0.0

    def end(until: float) -> float:
        total = 0.0
        for call in sorted(running, key=lambda each: each[0]):
            if call[0] > until:
                break
            running.remove(call)
            share = cores.leave(call[1], call[0], since=call[3])
            assert 0.0 <= share <= 1.0
            total += (call[0] - call[2]) * share
        return total

    begins = list(accumulate((pause for _, _, pause in wanted), initial=100.0))[1:]
    for (priority, seconds, _), begin in zip(wanted, begins, strict=True):
        charged += end(begin)
        if sum(each[1] is priority for each in running) < count:
            running.append((begin + seconds, priority, begin, cores.enter(priority, begin)))
    last = max((each[0] for each in running), default=100.0)
    charged += end(last)

    assert charged <= count * (max(last, *begins, 100.0) - 100.0) + 1e-6

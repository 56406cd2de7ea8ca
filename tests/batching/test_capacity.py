import pytest
from hypothesis import given
from hypothesis import strategies as st

from batching.capacity import Capacity
from batching.errors import Overloaded
from batching.work import Priority

QUICK, BULK = Priority.INTERACTIVE, Priority.BULK
NEVER = 10**9


def test_what_is_full_refuses_and_says_when_to_come_back() -> None:
    capacity = Capacity(1_000, threads=2)
    capacity.hold("ann", QUICK, 999)
    capacity.admit("ann", QUICK)
    capacity.hold("ann", QUICK, 39_001)

    with pytest.raises(Overloaded, match="Try again in 10 s") as refusal:
        capacity.admit("ann", QUICK)

    assert refusal.value.retry_after == pytest.approx(10)


def test_the_time_to_come_back_follows_the_measured_speed_and_is_at_least_a_second() -> None:
    capacity = Capacity(1_000, threads=2)
    capacity.hold("ann", QUICK, 80_000)
    for _ in range(100):
        capacity.measure(1_000, 100_000_000)
        capacity.measure(1_000, 0)

    with pytest.raises(Overloaded) as refusal:
        capacity.admit("ann", QUICK)
    assert refusal.value.retry_after == pytest.approx(4, rel=0.01)

    capacity.hold("ann", QUICK, -79_000)
    with pytest.raises(Overloaded) as refusal:
        capacity.admit("ann", QUICK)
    assert refusal.value.retry_after == 1


def test_bulk_work_never_keeps_a_person_out() -> None:
    capacity = Capacity(1_000, threads=2, patience=0.1)
    capacity.hold("archive", BULK, 50_000)

    capacity.admit("archive", QUICK)
    capacity.admit("ann", QUICK)
    with pytest.raises(Overloaded):
        capacity.admit("ann", BULK)


def test_bulk_work_is_refused_for_people_too() -> None:
    capacity = Capacity(1_000, threads=2)
    capacity.hold("ann", QUICK, 1_000)

    with pytest.raises(Overloaded):
        capacity.admit("archive", BULK)


def test_interactive_work_that_would_wait_too_long_is_refused_at_the_door() -> None:
    capacity = Capacity(NEVER, threads=1, patience=5)
    capacity.hold("ann", QUICK, 10_000)
    capacity.admit("ann", QUICK)
    capacity.hold("ann", QUICK, 1)

    with pytest.raises(Overloaded):
        capacity.admit("ann", QUICK)


@pytest.mark.parametrize("priority", Priority)
def test_what_could_not_begin_before_its_caller_gives_up_is_refused(priority: Priority) -> None:
    capacity = Capacity(NEVER, threads=1)
    capacity.hold("ann", priority, 10_001)

    capacity.admit("ann", priority, timeout=6)
    with pytest.raises(Overloaded):
        capacity.admit("ann", priority, timeout=5)


def test_one_tenants_rush_does_not_keep_another_out() -> None:
    capacity = Capacity(NEVER, threads=1, patience=1)
    capacity.hold("rushing", QUICK, 1_000_000)

    capacity.admit("ann", QUICK)
    with pytest.raises(Overloaded):
        capacity.admit("rushing", QUICK)


def test_a_rush_of_very_many_tenants_is_a_rush() -> None:
    capacity = Capacity(NEVER, threads=1, patience=1)
    for number in range(1_000):
        capacity.hold(f"tenant {number}", QUICK, 20)

    with pytest.raises(Overloaded):
        capacity.admit("one more", QUICK)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(Priority), st.integers(1, 500)), max_size=30)
)
def test_whatever_came_and_left_nothing_stays(work: list[tuple[str, Priority, int]]) -> None:
    capacity = Capacity(NEVER, threads=1, patience=0.001)
    for tenant, priority, tokens in work:
        capacity.hold(tenant, priority, tokens)
    for tenant, priority, tokens in reversed(work):
        capacity.hold(tenant, priority, -tokens)

    assert capacity.empty
    for tenant in "abc":
        capacity.admit(tenant, QUICK)

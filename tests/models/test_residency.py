from hypothesis import given
from hypothesis import strategies as st

from models.residency import Resident, leaving, worth_waiting

residents = st.lists(
    st.builds(
        Resident,
        key=st.uuids().map(str),
        size=st.integers(0, 1000),
        idle=st.floats(0, 1e6),
        reload=st.floats(0, 100),
    ),
    max_size=12,
)


@given(residents, st.integers(-100, 4000))
def test_no_more_leave_than_are_needed(idle: list[Resident], surplus: int) -> None:
    sizes = {each.key: each.size for each in idle}

    gone = leaving(idle, surplus=surplus)

    freed = sum(sizes[key] for key in gone)
    assert len(set(gone)) == len(gone)
    assert freed >= surplus or len(gone) == len(idle)
    if gone:
        assert freed - sizes[gone[-1]] < surplus, "the last to go was one too many"


@given(residents)
def test_whoever_stays_wastes_less(idle: list[Resident]) -> None:
    waste = {each.key: each.waste for each in idle}
    gone = leaving(idle, surplus=sum(each.size for each in idle) // 2)
    stay = set(waste) - set(gone)

    assert all(waste[out] >= waste[kept] for out in gone for kept in stay)


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_who_may_leave(loaded: bool, busy: bool, claimed: bool, pinned: bool, pressed: bool) -> None:
    each = Resident("a", 10, loaded=loaded, busy=busy, claimed=claimed, pinned=pinned)

    gone = leaving([each], surplus=1, claimed=pressed)

    assert bool(gone) == (loaded and not busy and not pinned and (pressed or not claimed))


def test_waiting_is_of_use_where_memory_will_come_free() -> None:
    assert worth_waiting([Resident("a", 10, busy=True)])
    assert worth_waiting([Resident("a", 10, claimed=True)])
    assert not worth_waiting([Resident("a", 10), Resident("b", 10, busy=True, pinned=True)])
    assert not worth_waiting([Resident("a", 0, loaded=False, busy=True)])

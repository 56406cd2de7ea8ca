from hypothesis import given
from hypothesis import strategies as st

from models.residency import Resident, leaving

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

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from models.comparison import Candidate, Grounds, Marks, choose, common

TESTSETS = "abcd"
found = st.lists(
    st.dictionaries(st.sampled_from(TESTSETS), st.integers(1, 99).map(float)), min_size=1, max_size=6
)


def candidates(marks: Sequence[Marks]) -> list[Candidate]:
    return [Candidate((str(number),), ("de", "pt"), each, (number,)) for number, each in enumerate(marks)]


@given(found.flatmap(lambda marks: st.permutations(candidates(marks))))
def test_the_order_of_the_candidates_changes_nothing(rivals: list[Candidate]) -> None:
    straight = sorted(rivals, key=lambda each: each.order)
    assert rivals[choose(rivals)[0]] is straight[choose(straight)[0]]


@given(found)
def test_only_like_is_compared_with_like(marks: list[Marks]) -> None:
    at, why = choose(candidates(marks))

    testsets = common(marks)
    able = [all(name in each for name in testsets) for each in marks]
    if len(marks) == 1:
        assert why.by is Grounds.ONLY
    elif testsets:
        assert sum(able) > 1
        assert able[at]
        best = sum(marks[at][name] for name in testsets)
        assert all(
            sum(each[name] for name in testsets) <= best for each, may in zip(marks, able, strict=True) if may
        )
    else:
        assert (at, why.by) == (0, Grounds.ORDER)


@given(found)
def test_no_test_set_is_shared_by_more(marks: list[Marks]) -> None:
    testsets = common(marks)

    holders = sum(all(name in each for name in testsets) for each in marks) if testsets else 1
    assert all(sum(name in each for each in marks) <= holders for name in TESTSETS)

import pytest

from app.bench.plan import Plan
from app.bench.processes import processes

pytestmark = pytest.mark.alone


def test_both_ways_of_using_two_cores_are_measured_against_each_other() -> None:
    rows = list(processes(Plan(rounds=1, quick=True)))

    assert [each.value is not None and each.value > 0 for each in rows] == [True] * 3
    assert all("segments an engine call" in each.note for each in rows[:2])

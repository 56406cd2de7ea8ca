import pytest

from app.bench.corpus import sentences
from app.bench.measure import Verdict
from app.bench.overload import Rush, endured, growth, rows
from app.bench.service import dragoman

pytestmark = pytest.mark.alone


def test_growth_is_what_came_after_the_first_sixth() -> None:
    assert growth([100, 130, 120, 131, 125, 129]) == 31
    assert growth([100, 130, 120, 131, 125, 129] * 4) == 0
    assert growth([100]) == 0


def rush(**changed: object) -> Rush:
    fine: dict[str, object] = {
        "capacity": 100.0,
        "seconds": 60.0,
        "sent": 60_000,
        "unsent": 0,
        "statuses": {"200": 6_000, "429": 54_000},
        "wrong": 0,
        "unaccounted": 0,
        "memory": [500 << 20] * 120,
        "loop_seconds": 15.0,
        "idle": 0.05,
        "recovery": 0.8,
    }
    return Rush(**{**fine, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"statuses": {"200": 6_000, "429": 53_999, "500": 1}},
        {"statuses": {"200": 6_000, "ConnectionResetError": 1}},
        {"wrong": 1},
        {"unaccounted": -1},
        {"memory": [500 << 20] * 60 + [521 << 20] * 60},
        {"recovery": 2.1},
        {"sent": 30_000},
    ],
)
def test_each_fault_misses_exactly_one_goal(changed: dict[str, object]) -> None:
    judged = [each.verdict for each in rows(rush(**changed)) if each.goal is not None]

    assert judged.count(Verdict.MISSED) == 1
    assert all(each.verdict is not Verdict.MISSED for each in rows(rush()))


@pytest.mark.slow
def test_a_short_rush_loses_doubles_and_miscounts_nothing() -> None:
    with dragoman(environment={"DRAGOMAN_QUEUE_SECONDS": "0.5"}) as server:
        found = endured(server, sentences(96), seconds=2.0)

    assert set(found.statuses) <= {"200", "429"}
    assert found.statuses["200"] > 0
    assert (found.wrong, found.unaccounted) == (0, 0)
    assert sum(found.statuses.values()) == found.sent

"""Benchmarks of faults (docs/reliability.md), in short."""

import pytest

from benchmarks.faults import attempt

BROKEN = {"killed": "connection broken", "dropped": "hung up on, mid-reply"}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_nothing_that_was_answered_is_lost_and_nothing_is_charged_twice(name: str) -> None:
    found = attempt(name, seconds=0.5, met=BROKEN[name])
    assert found.findings == ()
    assert found.answered
    assert found.saw[BROKEN[name]]
    assert not {each for each in found.saw if each.startswith("500")}

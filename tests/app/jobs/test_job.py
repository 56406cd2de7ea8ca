from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.desk import LONGEST_NAME, file_name
from app.jobs.job import (
    DELETED,
    OPEN,
    TRANSITIONS,
    Job,
    Progress,
    State,
    before,
    deleted,
    result_name,
    seconds_left,
)
from app.jobs.planner import CHARACTERS, UNITS, plan

START = datetime(2026, 11, 22, tzinfo=UTC)


def job(state: State = State.RUNNING, **more: object) -> Job:
    made = {"name": "carta.txt", "started_at": START, **more}
    return Job("job_1", "local", state, "txt", "en", None, START, **made)  # type: ignore[arg-type]


def test_every_state_can_be_reached_and_what_is_deleted_stays_so() -> None:
    reached = {State.QUEUED}
    for _ in State:
        reached |= {after for state in reached for after in TRANSITIONS[state]}
    assert reached == set(TRANSITIONS) == set(State)
    assert all(not TRANSITIONS[state] for state in DELETED)
    assert before(State.RUNNING) == {State.QUEUED}


@pytest.mark.parametrize("state", list(State))
def test_deleting_is_a_legal_move_from_everywhere(state: State) -> None:
    after = deleted(state)
    assert after in DELETED
    assert after is state or after in TRANSITIONS[state]
    assert (after is State.CANCELLED) == (state in OPEN or state is State.CANCELLED)


def test_time_left_is_at_the_speed_so_far() -> None:
    half = Progress(characters=200, characters_done=50)
    assert seconds_left(job(), half, now=START + timedelta(seconds=10)) == 30
    assert seconds_left(job(), Progress(characters=200), now=START) is None
    assert seconds_left(job(State.SUCCEEDED), half, now=START) is None
    assert seconds_left(job(started_at=None), half, now=START) is None


@pytest.mark.parametrize(
    ("name", "suffix", "expected"),
    [
        ("carta.txt", ".txt", "carta.en.txt"),
        ("a.b.pdf", ".docx", "a.b.en.docx"),
        ("carta", ".txt", "carta.en.txt"),
        (None, ".txt", "document.en.txt"),
        (".txt", ".txt", ".txt.en.txt"),
    ],
)
def test_a_result_is_named_after_its_document(name: str | None, suffix: str, expected: str) -> None:
    assert result_name(job(name=name, result_suffix=suffix)) == expected


@given(st.text())
def test_names_have_no_folders_and_nothing_unprintable(given_name: str) -> None:
    name = file_name(given_name)
    assert 0 < len(name) <= LONGEST_NAME
    assert name.isprintable()
    assert not set(name) & set("/\\")
    assert name not in {".", ".."}
    assert file_name(name) == name


@given(st.lists(st.integers(min_value=0, max_value=2 * CHARACTERS), max_size=40))
def test_chunks_hold_every_unit_once_in_order(lengths: list[int]) -> None:
    units: list[Any] = [["a" * length, f"line {number}", None, []] for number, length in enumerate(lengths)]
    chunks = plan(units, source="pt")
    assert [unit for chunk in chunks for unit in chunk.units] == units
    assert sum(chunk.characters for chunk in chunks) == sum(lengths)
    assert all(0 < len(chunk.units) <= UNITS for chunk in chunks)
    assert all(chunk.characters <= CHARACTERS or len(chunk.units) == 1 for chunk in chunks)

"""The speed that a ledger's own work had, on figures worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.ledger.speed import DAYS, ENOUGH, measured
from app.ledger.store import Ledger
from app.storage.engine import Database
from tests.app.ledger.examples import NOON, entry, line

TODAY = NOON.date()
MODEL = ("starter-pt-en",)


def put(
    database: Database, key: str, *, characters: int, compute_ns: int, segments: int, days_ago: int = 0
) -> None:
    one = replace(line(characters=characters, compute_ns=compute_ns), segments=segments)
    Ledger(database).append(entry(key, one, created_at=NOON - timedelta(days=days_ago)))


def test_nothing_measured(database: Database) -> None:
    assert measured(database, MODEL, batched=True, today=TODAY) is None
    put(database, "few", characters=ENOUGH - 1, compute_ns=1, segments=99)
    assert measured(database, MODEL, batched=True, today=TODAY) is None


def test_the_mean_is_by_characters_and_the_band_by_the_days(database: Database) -> None:
    put(database, "one", characters=3_000, compute_ns=3_000_000, segments=99)
    alike = measured(database, MODEL, batched=True, today=TODAY)
    assert alike is not None
    assert [alike.value, alike.low, alike.high] == pytest.approx([1_000, 1_000 / 1.15, 1_150])
    put(database, "other", characters=1_000, compute_ns=5_000_000, segments=99, days_ago=1)
    spread = measured(database, MODEL, batched=True, today=TODAY)
    assert spread is not None
    assert spread.value == 2_000
    assert spread.high == pytest.approx(2_000 + 3**0.5 * 1_000)
    assert "4,000 characters in full batches" in spread.origin


def test_full_and_small_batches_are_told_apart(database: Database) -> None:
    put(database, "single", characters=3_000, compute_ns=30_000_000, segments=1)
    put(database, "full", characters=3_000, compute_ns=3_000_000, segments=99, days_ago=1)
    small, full = (measured(database, MODEL, batched=batched, today=TODAY) for batched in (False, True))
    assert small is not None
    assert full is not None
    assert (small.value, full.value) == (10_000, 1_000)


def test_other_models_and_old_days_say_nothing(database: Database) -> None:
    put(database, "old", characters=9_000, compute_ns=9, segments=99)
    assert measured(database, ("other",), batched=True, today=TODAY) is None
    assert measured(database, MODEL, batched=True, today=date.fromordinal(TODAY.toordinal() + DAYS)) is None

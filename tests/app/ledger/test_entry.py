import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry, new_id
from tests.app.ledger.examples import NOON, entry, line


def test_totals_are_the_sums_of_the_lines() -> None:
    both = entry("key", line(characters=9, billed=4, compute_ns=10), line("en", "pt", characters=5))
    assert both.counts == Counts(14, 14, 14, 14)
    assert (both.characters, both.billed_characters, both.compute_ns) == (14, 9, 1_010)
    assert (both.segments, both.cached_segments) == (2, 0)


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 1, 1), NOON.astimezone(timezone(timedelta(hours=1)))],  # noqa: DTZ001
)
def test_a_time_that_is_not_utc_is_refused(moment: datetime) -> None:
    with pytest.raises(ValueError, match="UTC"):
        entry(created_at=moment)


def test_nothing_sent_costs_nothing() -> None:
    with pytest.raises(ValueError, match="without lines"):
        LedgerEntry("id", datetime.now(UTC), "tenant", "request", "key", "d", (), "GBP", 1, 0, 0)


def test_ids_are_uuids_that_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([1_800_000_000_000_000_000 + 1_000 * step for step in range(2_000)])
    monkeypatch.setattr("app.ledger.entry.time.time_ns", lambda: next(moments))
    made = [new_id() for _ in range(2_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    found = uuid.UUID(made[-1])
    assert (found.version, found.variant, str(found)) == (7, uuid.RFC_4122, made[-1])
    assert found.int >> 80 == 1_800_000_000_001

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry
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

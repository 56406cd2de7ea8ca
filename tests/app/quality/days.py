"""Days of traffic, put into the counts as the ledger does, without translating anything."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from app.ledger.entry import LedgerEntry
from app.quality import counts
from app.quality.tally import Tally
from app.storage.engine import Database

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
PT_EN = ("pt", "en", ("starter-pt-en",), ("ab12ab12ab12ab12",))
Route = tuple[str, str, tuple[str, ...], tuple[str, ...]]


def tally(
    segments: int,
    flags: Mapping[str, int] | None = None,
    *,
    route: Route = PT_EN,
    confidences: tuple[int, ...] = (),
) -> Tally:
    found = dict(flags or {})
    return Tally(*route, segments, 40 * segments, max(found.values(), default=0), found, confidences)


def put(database: Database, days_ago: int, *tallies: Tally, tenant: str = "north") -> None:
    at = TODAY - timedelta(days=days_ago)
    entry = LedgerEntry(f"{tenant}-{days_ago}", at, tenant, "request", "key", "", (), "GBP", 0, 0, 0)

    def work(connection: Connection) -> None:
        counts.add(connection, [(entry, tallies)])

    database.attempt(work)


def steady(
    database: Database,
    *,
    now: float,
    before: float,
    segments: int = 1000,
    route: Route = PT_EN,
    tenant: str = "north",
    flag: str = "numbers_differ",
) -> None:
    """Five weeks of a flag at the rate `before`, the last seven days at `now`; chance decides within a day."""
    dice = random.Random(7)  # noqa: S311 - must be the same every time
    for day in range(35):
        share = now if day < 7 else before
        flagged = sum(dice.random() < share for _ in range(segments))
        put(database, day, tally(segments, {flag: flagged} if flagged else {}, route=route), tenant=tenant)

"""B11: a ledger of ten million entries: reports from it, and entries into it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from app.bench.measure import Row, at_most, row
from app.bench.plan import Plan
from app.ledger.counting import count
from app.ledger.entry import LedgerEntry, LedgerLine, new_id
from app.ledger.report import GroupBy, usage
from app.ledger.store import Ledger, Posting
from app.ledger.tables import SUMMED
from app.storage.engine import DATABASE_NAME, Database, open_database

TITLE = "The ledger at ten million entries"
ABOUT = (
    "SQLite on this machine's disk, filled directly with a year's entries of 20 tenants, the largest of which has "
    "half of them: 20 pairs, 5 keys, 8 cost centres, a tenth of it in jobs of 1,000 chunks. A month's report for "
    "that tenant, all its groupings at once, as the usage page asks for it; and entries recorded 64 together, chain, "
    "roll-ups and triggers included, beside a ledger that was empty."
)
GROUP = 64
GROUPS = 20
TENANT = "tenant-0"
MONTH = (date(2026, 11, 1), date(2026, 11, 30))
_YEAR_BEGINS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_YEAR = 365 * 86_400 * 1_000_000

# Each figure of an entry is a function of its number n, so that lines and entries agree.
_NUMBERS = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :entries)"
_FIGURES = ", ".join("n % 211 + 20" if name == "characters" else "n % 7" for name in SUMMED)
_LINES = f"""
INSERT INTO ledger_line (entry_id, position, source, target, route, models, {", ".join(SUMMED)})
{_NUMBERS}
SELECT printf('%032x', n), 0, 's' || (n * 7 % 20), 'en', '["pt","en"]', '["model-' || (n * 7 % 20) || '"]', {_FIGURES}
FROM number
"""  # noqa: S608 - constants, as below
_ENTRIES = f"""
INSERT INTO ledger_entry (id, created_at, tenant, kind, idempotency_key, digest, currency, queue_ns,
                          {", ".join(SUMMED)}, key_id, cost_centre, job, chunk, sequence, previous_hash, hash)
{_NUMBERS}
SELECT printf('%032x', n), {_YEAR_BEGINS} + n * ({_YEAR} / :entries) - 1,
       'tenant-' || CASE WHEN n * 11 % 38 < 19 THEN 0 ELSE n * 11 % 38 - 18 END, 'request', printf('%032x', n),
       printf('%064x', n), 'GBP', 0, {_FIGURES}, 'key-' || (n * 13 % 5), 'centre-' || (n * 17 % 8),
       CASE WHEN n / 1000 % 10 = 0 THEN 'job-' || (n / 1000) END, n % 1000,
       n, printf('%064x', n - 1), printf('%064x', n)
FROM number
"""  # noqa: S608
_ROLLUPS = f"""
INSERT INTO ledger_rollup
SELECT tenant, created_at / 86400000000, currency, kind, source, target, models, key_id, cost_centre, coalesce(job, ''),
       count(*), count(*), count(*), {", ".join(f"sum(e.{name})" for name in SUMMED)}
FROM ledger_entry e JOIN ledger_line ON entry_id = id GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
"""  # noqa: S608
_HEADS = "INSERT INTO ledger_head SELECT tenant, max(sequence), '' FROM ledger_entry GROUP BY tenant"


def run(plan: Plan) -> list[Row]:
    entries = plan.size(10_000_000, 100_000)
    with _opened() as empty:
        beside = [_recorded(empty) for _ in range(plan.rounds)]
    with _opened(entries) as database:
        reports = [_report(database) for _ in range(plan.rounds)]
        into = [_recorded(database) for _ in range(plan.rounds)]
        size = Path(database.engine.url.database or "").stat().st_size
    note = f"{entries:,} entries, {size / 1e9:.1f} GB"
    ratios = [full / little for full, little in zip(into, beside, strict=True)]
    return [
        row(
            f"a month's report of one tenant, {entries:,} entries",
            reports,
            unit="s",
            goal=at_most(1),
            note=note,
        ),
        row("an entry recorded, empty ledger", [1e3 * each for each in beside], unit="ms of CPU"),
        row(f"an entry recorded, {entries:,} entries", [1e3 * each for each in into], unit="ms of CPU"),
        row(f"an entry recorded, {entries:,} entries ÷ empty", ratios),
    ]


@contextmanager
def _opened(entries: int = 0) -> Iterator[Database]:
    with TemporaryDirectory(prefix="dragoman-ledger-") as folder:
        open_database(Path(folder)).close()
        if entries:
            fill(Path(folder) / DATABASE_NAME, entries)
        with closing(open_database(Path(folder))) as database:
            yield database


def fill(file: Path, entries: int) -> None:
    """As fast as SQLite goes: nothing is checked meanwhile, and the hashes seal nothing."""
    with closing(sqlite3.connect(file, isolation_level=None)) as raw:
        defences = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in defences:
            raw.execute(f"DROP TRIGGER {name}")
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
            raw.execute(f"PRAGMA {pragma}")
        for statement in (_LINES, _ENTRIES, _ROLLUPS, _HEADS):
            raw.execute(statement, {"entries": entries} if ":entries" in statement else {})
        for _, sql in defences:
            raw.execute(sql)


def _report(database: Database) -> float:
    """Seconds."""
    began = time.perf_counter()
    found = usage(
        database, tenant=TENANT, currency="GBP", since=MONTH[0], until=MONTH[1], groups=get_args(GroupBy)
    )
    seconds = time.perf_counter() - began
    assert found.totals.requests > 0  # noqa: S101 - an empty report would be a fast one
    return seconds


def _recorded(database: Database) -> float:
    """CPU seconds an entry."""
    ledger = Ledger(database)
    groups = [[Posting(_entry()) for _ in range(GROUP)] for _ in range(GROUPS)]
    began = time.process_time()
    for group in groups:
        ledger.append_many(group)
    return (time.process_time() - began) / (GROUP * GROUPS)


def _entry() -> LedgerEntry:
    name = new_id()
    line = LedgerLine(
        "pt", "en", ("pt", "en"), ("starter-pt-en",), 1, 0, count("x" * 80), 80, 0, 0, 0, 20, 20, 5_000_000
    )
    return LedgerEntry(
        name,
        datetime.now(UTC),
        TENANT,
        "request",
        name,
        "d" * 64,
        (line,),
        "GBP",
        640_000,
        55_000,
        0,
        "key",
        "centre",
    )

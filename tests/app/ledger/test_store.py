import itertools
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import traceback
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from sqlalchemy import text

from app.errors import KeyReused, StorageError
from app.ledger.entry import LedgerEntry
from app.ledger.report import usage
from app.ledger.store import Ledger, Recorded, record
from app.storage.engine import Database
from app.storage.sqlite import SqliteDatabase
from tests.app.disk import pages
from tests.app.ledger.examples import any_entries, entry, line, postings
from tests.app.steps import taken
from tests.databases import Place, Places

ROOT = Path(__file__).parents[3]
CHECKED = ("characters", "price_nanos", "cost_nanos", "compute_ns")
UNRECONCILED = f"""
SELECT count(*) FROM
  (SELECT entry.id FROM ledger_entry AS entry LEFT JOIN ledger_line AS line ON line.entry_id = entry.id
   GROUP BY entry.id HAVING {" OR ".join(f"coalesce(sum(line.{name}), 0) <> entry.{name}" for name in CHECKED)})
   AS wrong
"""  # noqa: S608 - the names are the constants above


def start_writer(place: Place, entries: int) -> subprocess.Popen[str]:
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.app.ledger.writer", str(place.data_dir), place.url, str(entries)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout
    assert writer.stdout.readline() == "ready\n"
    return writer


def release(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin
    writer.stdin.write("go\n")
    writer.stdin.flush()


def requests(database: Database) -> int:
    return usage(database, tenant="tenant", currency="GBP").totals.requests


def assert_sound(database: Database) -> None:
    with database.read() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.execute(text(UNRECONCILED)).scalar_one() == 0


def test_an_entry_is_recorded_once(database: Database) -> None:
    ledger = Ledger(database)
    first = entry("key", line(), line("en", "pt", models=("a", "b")))
    assert ledger.append(first) == Recorded(first, duplicate=False)
    assert ledger.append(first) == Recorded(first, duplicate=True)
    assert requests(database) == 1


def test_a_duplicate_answers_with_what_was_charged_first(database: Database) -> None:
    ledger = Ledger(database)
    first = entry(price_nanos=90)
    ledger.append(first)
    assert ledger.append(entry(price_nanos=55)).entry == first


def test_a_key_used_for_something_else_is_refused(database: Database) -> None:
    ledger = Ledger(database)
    ledger.append(entry(digest="a" * 64))
    with pytest.raises(KeyReused):
        ledger.append(entry(digest="b" * 64))
    assert requests(database) == 1


def test_a_key_belongs_to_its_tenant(database: Database) -> None:
    ledger = Ledger(database)
    assert not ledger.append(entry(tenant="tenant")).duplicate
    assert not ledger.append(entry(tenant="another", digest="e" * 64)).duplicate
    assert ledger.find("tenant", "key") == "d" * 64
    assert ledger.find("another", "key") == "e" * 64
    assert ledger.find("a third", "key") is None


def test_a_group_is_recorded_together_and_each_has_its_own_outcome(database: Database) -> None:
    ledger = Ledger(database)
    ledger.append(entry("old"))
    outcomes = ledger.append_many(
        postings(entry("new"), entry("old"), entry("old", digest="e" * 64), entry("new"), entry("last"))
    )
    assert [isinstance(outcome, KeyReused) or outcome.duplicate for outcome in outcomes] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert isinstance(outcomes[2], KeyReused)
    assert requests(database) == 3


def test_a_charge_goes_with_the_work_it_is_for(database: Database) -> None:
    def work_that_fails() -> None:
        with database.transaction() as connection:
            record(connection, entry())
            raise LookupError

    with pytest.raises(LookupError):
        work_that_fails()
    assert requests(database) == 0


def test_an_entry_of_nothing(database: Database) -> None:
    nothing = LedgerEntry("id", entry().created_at, "tenant", "chunk", "key", "d", (), "GBP", 0, 0, 0)
    ledger = Ledger(database)
    ledger.append(nothing)
    assert ledger.append(nothing) == Recorded(nothing, duplicate=True)


@settings(max_examples=20, deadline=None)
@given(any_entries)
def test_whatever_goes_in_comes_out(places: Places, entries: list[LedgerEntry]) -> None:
    with places.fresh() as place:
        database = place.open()
        ledger = Ledger(database)
        assert ledger.append_many(postings(*entries)) == [
            Recorded(entry, duplicate=False) for entry in entries
        ]
        assert ledger.append_many(postings(*entries)) == [
            Recorded(entry, duplicate=True) for entry in entries
        ]
        assert_sound(database)
        database.close()


def test_duplicates_from_threads_are_charged_once(database: Database) -> None:
    ledger = Ledger(database)
    start = threading.Barrier(8)
    outcomes: list[Recorded] = []

    def deliver() -> None:
        start.wait()
        outcomes.extend(ledger.append(entry(f"key-{n}")) for n in range(20))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 160
    assert sum(not outcome.duplicate for outcome in outcomes) == requests(database) == 20


def test_duplicates_from_processes_are_charged_once(database: Database, place: Place) -> None:
    writers = [start_writer(place, 50) for _ in range(2)]
    for writer in writers:
        release(writer)
    outcomes = [said for writer in writers for said in writer.communicate()[0].split()]
    assert len(outcomes) == 100
    assert outcomes.count("charged") == requests(database) == 50
    assert_sound(database)


@pytest.mark.parametrize("acknowledged", [1, 40])
def test_a_killed_writer_loses_nothing_it_acknowledged(
    database: Database, place: Place, acknowledged: int
) -> None:
    writer = start_writer(place, 1_000_000)
    release(writer)
    assert writer.stdout
    for _ in range(acknowledged):
        assert writer.stdout.readline() == "charged\n"
    writer.send_signal(signal.SIGKILL)
    said = acknowledged + len(writer.communicate()[0].split())
    assert writer.returncode == -signal.SIGKILL
    assert said <= requests(database) <= said + 1
    assert all(Ledger(database).find("tenant", f"key-{n}") for n in range(said))
    assert_sound(database)
    assert not Ledger(database).append(entry("after")).duplicate


def test_a_full_disk_refuses_the_charge_and_writes_no_half_of_it(sqlite: SqliteDatabase) -> None:
    ledger = Ledger(sqlite)
    secret = uuid.uuid4().hex
    written: list[str] = []

    def fill() -> None:
        for n in itertools.count():
            ledger.append(entry(f"{secret}-{n}", *[line()] * 3))
            written.append(f"{secret}-{n}")

    with pages(sqlite, 2), pytest.raises(StorageError, match="is full; nothing was written") as caught:
        fill()
    assert requests(sqlite) == len(written)
    assert all(ledger.find("tenant", key) for key in written)
    assert_sound(sqlite)
    assert secret not in "".join(traceback.format_exception(caught.value))
    assert not ledger.append(entry(f"{secret}-{len(written)}")).duplicate


def test_a_full_disk_refuses_a_group_whole(sqlite: SqliteDatabase) -> None:
    ledger = Ledger(sqlite)
    with pages(sqlite, 2), pytest.raises(StorageError, match="is full"):
        ledger.append_many(postings(*[entry(f"key-{n}") for n in range(200)]))
    assert requests(sqlite) == 0
    assert_sound(sqlite)


def test_a_disk_that_fails_at_commit(sqlite: SqliteDatabase) -> None:
    """The kernel refuses to grow the write-ahead log, which is written when the transaction commits."""
    ledger = Ledger(sqlite)
    wal = sqlite.path.with_name("dragoman.db-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 5_000, hard))
    try:
        with pytest.raises(StorageError):
            ledger.append(entry("refused", *[line()] * 3))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert requests(sqlite) == 0
    assert not ledger.append(entry("refused")).duplicate
    assert_sound(sqlite)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET price_nanos = 0",
        "UPDATE ledger_line SET price_nanos = 0",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_line",
        "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry",
        "INSERT OR REPLACE INTO ledger_line SELECT * FROM ledger_line",
        "REPLACE INTO ledger_line SELECT * FROM ledger_line",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(sqlite: SqliteDatabase, statement: str) -> None:
    Ledger(sqlite).append(entry())
    with closing(sqlite3.connect(sqlite.path)) as raw:
        before = list(raw.iterdump())
        with pytest.raises(sqlite3.IntegrityError, match=r"append-only|has this entry already"):
            raw.execute(statement)
        raw.rollback()
        assert list(raw.iterdump()) == before


def test_no_line_joins_an_entry_afterwards(sqlite: SqliteDatabase) -> None:
    Ledger(sqlite).append(entry())
    with closing(sqlite3.connect(sqlite.path)) as raw:
        raw.execute("CREATE TEMP TABLE late AS SELECT * FROM ledger_line")
        raw.execute("UPDATE late SET position = 1")
        with pytest.raises(sqlite3.IntegrityError, match="has this entry already"):
            raw.execute("INSERT INTO ledger_line SELECT * FROM late")


def test_an_entry_that_is_not_the_sum_of_its_lines_is_refused(sqlite: SqliteDatabase) -> None:
    Ledger(sqlite).append(entry())
    with closing(sqlite3.connect(sqlite.path)) as raw:
        raw.execute("CREATE TEMP TABLE wrong AS SELECT * FROM ledger_entry")
        raw.execute("UPDATE wrong SET id = 'other', idempotency_key = 'other'")
        with pytest.raises(sqlite3.IntegrityError, match="not the sum of its lines"):
            raw.execute("INSERT INTO ledger_entry SELECT * FROM wrong")


def test_no_statement_of_a_charge_reads_the_whole_ledger(sqlite: SqliteDatabase) -> None:
    """Or each would cost as much as there are entries."""
    ledger = Ledger(sqlite)
    ledger.append(entry("old"))
    with taken(sqlite) as steps:
        ledger.append_many(postings(entry("old"), entry("a"), entry("b", tenant="another")))
    assert any("SEARCH ledger_entry" in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN ledger_")]

"""What the ledger promises on PostgreSQL by means of its own: triggers in its language, writers side by side."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.errors import KeyReused
from app.ledger.report import usage
from app.ledger.store import Ledger, Recorded, record
from app.storage.engine import Database
from tests.app.ledger.examples import entry, line, postings
from tests.databases import Place


@pytest.fixture
def server(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Place(tmp_path_factory.mktemp("data"), postgres_url).open()
    yield opened
    opened.close()


def requests(database: Database) -> int:
    return usage(database, tenant="tenant", currency="GBP").totals.requests


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET price_nanos = 0",
        "UPDATE ledger_line SET price_nanos = 0",
        "DELETE FROM ledger_entry",
        "DELETE FROM ledger_line",
        "TRUNCATE ledger_entry, ledger_line",
        "TRUNCATE ledger_line",
        "INSERT INTO ledger_entry SELECT * FROM ledger_entry ON CONFLICT (id) DO UPDATE SET price_nanos = 0",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(
    server: Database, postgres_url: str, statement: str
) -> None:
    Ledger(server).append(entry())
    with psycopg.connect(postgres_url) as raw:
        before = raw.execute("SELECT * FROM ledger_entry, ledger_line").fetchall()
        with pytest.raises(psycopg.IntegrityError, match=r"append-only"):
            raw.execute(statement.encode())
        raw.rollback()
        assert raw.execute("SELECT * FROM ledger_entry, ledger_line").fetchall() == before != []


def test_no_line_joins_an_entry_afterwards(server: Database, postgres_url: str) -> None:
    Ledger(server).append(entry())
    with psycopg.connect(postgres_url) as raw:
        raw.execute("CREATE TEMP TABLE late AS SELECT * FROM ledger_line")
        raw.execute("UPDATE late SET position = 1")
        with pytest.raises(psycopg.IntegrityError, match="has this entry already"):
            raw.execute("INSERT INTO ledger_line SELECT * FROM late")


def test_an_entry_that_is_not_the_sum_of_its_lines_is_refused(server: Database, postgres_url: str) -> None:
    Ledger(server).append(entry())
    with psycopg.connect(postgres_url) as raw:
        raw.execute("CREATE TEMP TABLE wrong AS SELECT * FROM ledger_entry")
        raw.execute("UPDATE wrong SET id = 'other', idempotency_key = 'other'")
        with pytest.raises(psycopg.IntegrityError, match="not the sum of its lines"):
            raw.execute("INSERT INTO ledger_entry SELECT * FROM wrong")


def test_a_line_without_its_entry_is_refused(server: Database, postgres_url: str) -> None:
    Ledger(server).append(entry())
    raw = psycopg.connect(postgres_url)
    raw.execute("CREATE TEMP TABLE stray AS SELECT * FROM ledger_line")
    raw.execute("UPDATE stray SET entry_id = 'nobody'")
    raw.execute("INSERT INTO ledger_line SELECT * FROM stray")
    with pytest.raises(psycopg.IntegrityError, match="foreign key"):
        raw.commit()
    raw.close()


@pytest.mark.parametrize("digest", ["d" * 64, "e" * 64])
def test_a_key_that_another_is_about_to_charge_is_waited_for(server: Database, digest: str) -> None:
    """The second looks its key up while the first has written and not committed."""
    outcomes: list[Recorded | KeyReused] = []
    started = threading.Event()

    def second() -> None:
        started.set()
        outcomes.extend(Ledger(server).append_many(postings(entry("other"), again)))

    again = replace(entry("key"), id="again", digest=digest)
    thread = threading.Thread(target=second)
    with server.transaction() as connection:
        record(connection, entry("key"))
        thread.start()
        assert started.wait(60)
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while connection.execute(waiting).scalar_one() == 0:
            pass
    thread.join()
    assert outcomes[0] == Recorded(entry("other"), duplicate=False)
    if digest == "d" * 64:
        assert outcomes[1] == Recorded(entry("key"), duplicate=True)
    else:
        assert isinstance(outcomes[1], KeyReused)
    assert requests(server) == 2


def test_groups_that_share_keys_in_opposite_order_both_succeed(server: Database) -> None:
    keys = [f"key-{n}" for n in range(30)]
    start = threading.Barrier(4)
    outcomes: list[Recorded | KeyReused] = []

    def deliver(order: list[str]) -> None:
        start.wait()
        outcomes.extend(
            Ledger(server).append_many(postings(*[entry(key, line(), line("en", "pt")) for key in order]))
        )

    threads = [threading.Thread(target=deliver, args=(keys[::step],)) for step in (1, -1, 1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Recorded) and not one.duplicate for one in outcomes) == requests(server) == 30
    assert len(outcomes) == 120


def test_no_message_repeats_what_was_sent(server: Database) -> None:
    twice = text("INSERT INTO ledger_entry SELECT * FROM ledger_entry WHERE idempotency_key = :key")
    Ledger(server).append(entry("canary"))
    with pytest.raises(IntegrityError) as caught, server.transaction() as connection:
        connection.execute(twice, {"key": "canary"})
    assert "canary" not in f"{caught.value} {caught.value.orig}"

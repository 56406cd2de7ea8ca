import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from app.errors import StorageError
from app.storage import engine, migrate
from app.storage.engine import DATABASE_NAME, Database, open_database

ROOT = Path(__file__).parents[3]


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))


def scratch(database: Database, *values: int) -> None:
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS scratch (n INTEGER)"))
        for value in values:
            connection.execute(text("INSERT INTO scratch VALUES (:n)"), {"n": value})


def scratched(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.scalars(text("SELECT n FROM scratch ORDER BY n")))


def test_folder_and_files_are_the_owners_alone(database: Database) -> None:
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.path.parent.iterdir()}
    assert modes[DATABASE_NAME] == 0o600
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_every_connection_is_configured(database: Database, pragma: str, value: object) -> None:
    with database.read() as first, database.read() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_opening_again_keeps_what_is_there(database: Database) -> None:
    scratch(database, 1, 2)
    again = open_database(database.path.parent)
    assert scratched(again) == [1, 2]
    again.close()


def test_a_folder_with_a_percent_sign_and_spaces(tmp_path: Path) -> None:
    database = open_database(tmp_path / "100%s of it?#" / "deeper")
    database.ping()
    database.close()


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    scratch(database, 1)

    def fail() -> None:
        with database.transaction() as connection:
            connection.execute(text("INSERT INTO scratch VALUES (2)"))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert scratched(database) == [1]
    scratch(database, 3)
    assert scratched(database) == [1, 3]


def test_a_read_sees_one_moment_and_waits_for_nobody(database: Database) -> None:
    scratch(database, 1)
    with database.read() as reading:
        before = reading.execute(text("SELECT count(*) FROM scratch")).scalar_one()
        with database.transaction() as writing:
            writing.execute(text("INSERT INTO scratch VALUES (2)"))
            assert scratched(database) == [1]
        assert reading.execute(text("SELECT count(*) FROM scratch")).scalar_one() == before
    assert scratched(database) == [1, 2]


def test_threads_that_read_then_write_all_succeed(database: Database) -> None:
    scratch(database, 0)
    start = threading.Barrier(8)

    def increment() -> None:
        start.wait()
        for _ in range(10):
            with database.transaction() as connection:
                n = connection.execute(text("SELECT n FROM scratch")).scalar_one()
                connection.execute(text("UPDATE scratch SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=increment) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scratched(database) == [80]


def test_a_transaction_within_itself_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    with database.transaction(), pytest.raises(StorageError, match="busy"), database.transaction():
        pass
    scratch(database, 1)


def test_processes_opening_a_fresh_folder_at_once(tmp_path: Path) -> None:
    fresh = tmp_path / "a" / "b"
    openers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.app.storage.opener", str(fresh)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for opener in openers:
        assert opener.stdout
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        assert opener.stdin
        opener.stdin.write("go\n")
        opener.stdin.flush()
    assert [opener.communicate()[0] for opener in openers] == ["opened\n"] * 3
    database = open_database(fresh)
    with database.read() as connection:
        assert migrate.is_current(connection, database.path)
    database.close()


def test_threads_opening_different_folders_at_once(tmp_path: Path) -> None:
    opened: list[Database] = []

    def run(n: int) -> None:
        opened.append(open_database(tmp_path / str(n)))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for database in opened:
        assert "ledger_entry" in tables(database)
        database.close()

import ast
import stat
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Integer, column, inspect, select, table, text

from app.errors import StorageError
from app.storage import migrate
from app.storage.engine import DATABASE_NAME, Database, connect_database, open_database
from app.storage.sqlite import SqliteDatabase
from tests.databases import Place

ROOT = Path(__file__).parents[3]


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def scratch(database: Database, *values: int) -> None:
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS scratch (n INTEGER)"))
        for value in values:
            connection.execute(text("INSERT INTO scratch VALUES (:n)"), {"n": value})


def scratched(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.scalars(text("SELECT n FROM scratch ORDER BY n")))


def test_folder_and_files_are_the_owners_alone(sqlite: SqliteDatabase) -> None:
    assert stat.S_IMODE(sqlite.path.parent.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sqlite.path.parent.iterdir()}
    assert modes[DATABASE_NAME] == 0o600
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_every_connection_is_configured(sqlite: SqliteDatabase, pragma: str, value: object) -> None:
    with sqlite.read() as first, sqlite.read() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value


def test_what_is_deleted_is_overwritten(sqlite: SqliteDatabase) -> None:
    canary = b"the van left at half past two" * 500
    with sqlite.transaction() as connection:
        connection.execute(text("CREATE TABLE kept (words BLOB)"))
        connection.execute(text("INSERT INTO kept VALUES (:words)"), {"words": canary})
    _checkpoint(sqlite)
    assert canary[:29] in sqlite.path.read_bytes()
    with sqlite.transaction() as connection:
        connection.execute(text("UPDATE kept SET words = NULL"))
    _checkpoint(sqlite)
    assert canary[:29] not in sqlite.path.read_bytes()


def _checkpoint(database: SqliteDatabase) -> None:
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def test_opening_again_keeps_what_is_there(database: Database, place: Place) -> None:
    scratch(database, 1, 2)
    again = place.open()
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
                query = select(column("n", Integer)).select_from(table("scratch")).with_for_update()
                n = connection.execute(query).scalar_one()
                connection.execute(text("UPDATE scratch SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=increment) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scratched(database) == [80]


def test_a_transaction_within_itself_is_refused(
    sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.sqlite.BUSY_SECONDS", 0)
    with sqlite.transaction(), pytest.raises(StorageError, match="busy"), sqlite.transaction():
        pass
    scratch(sqlite, 1)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_opening_a_fresh_database_at_once(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    with ExitStack() as stack:
        url = ""
        if kind == "postgresql":
            url = stack.enter_context(request.getfixturevalue("cluster").fresh(template="template0"))
        open_at_once(Place(tmp_path / "a" / "b", url))


def open_at_once(place: Place) -> None:
    openers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.app.storage.opener", str(place.data_dir), place.url],
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
    database = connect_database(place.data_dir, place.url)
    with database.read() as connection:
        assert migrate.is_current(connection, database.name)
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


def test_the_service_opens_the_database_it_is_configured_for() -> None:
    """Not SQLite because a caller forgot the address."""
    calls = [
        node
        for file in (ROOT / "app").rglob("*.py")
        if file.parent.name != "bench"  # measures on a folder of its own
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and any("open_database" in ast.unparse(part) for part in (node.func, *node.args))
    ]
    assert calls
    assert all("database_url" in ast.unparse(call) for call in calls)

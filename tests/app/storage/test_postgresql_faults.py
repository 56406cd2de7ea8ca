"""A PostgreSQL that is slow, locked, restarted or stopped: an error with advice, never a hang, and then it goes on."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, text

from app.errors import InvalidRequest, StorageError
from app.storage import postgresql
from app.storage.engine import Database
from tests.databases import Place


@pytest.fixture
def server(
    postgres_url: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    monkeypatch.setattr(postgresql, "STATEMENT_SECONDS", 0.5)
    monkeypatch.setattr(postgresql, "BUSY_SECONDS", 0.3)
    opened = Place(tmp_path_factory.mktemp("data"), postgres_url).open()
    with opened.transaction() as connection:
        connection.execute(text("CREATE TABLE scratch (n INTEGER)"))
    opened.engine.dispose()
    yield opened
    opened.close()


def write(database: Database, n: int = 1) -> None:
    with database.transaction() as connection:
        connection.execute(text("INSERT INTO scratch VALUES (:n)"), {"n": n})


def test_a_slow_statement_is_an_error(server: Database) -> None:
    with (
        pytest.raises(StorageError, match="took too long; nothing was written"),
        server.transaction() as connection,
    ):
        connection.execute(text("SELECT pg_sleep(60)"))
    write(server)


def test_a_locked_table_is_an_error(server: Database, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE scratch")
        with pytest.raises(StorageError, match="locked for too long"):
            write(server)
    write(server)


def cut(url: str) -> None:
    """All connections to the database but this one."""
    with psycopg.connect(url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def cut_within(database: Database, url: str) -> None:
    with database.transaction() as connection:
        connection.execute(text("INSERT INTO scratch VALUES (7)"))
        cut(url)
        connection.execute(text("SELECT 1"))


def test_connections_that_were_cut_are_made_anew(server: Database, postgres_url: str) -> None:
    write(server)
    cut(postgres_url)
    write(server)
    with pytest.raises(StorageError, match="went away"):
        cut_within(server, postgres_url)
    with server.read() as connection:
        assert connection.execute(text("SELECT n FROM scratch")).scalars().all() == [1, 1]


def test_a_deadlock_is_tried_again(server: Database) -> None:
    tries: list[int] = []

    def work(connection: Connection) -> int:
        tries.append(len(tries))
        if len(tries) < 3:
            connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"))
        return 5

    assert (server.attempt(work), tries) == (5, [0, 1, 2])


@contextmanager
def stopped(connection: Connection) -> Iterator[None]:
    """The server's process behind `connection` stands still."""
    pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def stop_within(database: Database) -> None:
    with database.transaction() as connection, stopped(connection):
        connection.execute(text("INSERT INTO scratch VALUES (8)"))


def test_a_server_that_stands_still_is_an_error(server: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", 0.5)
    with pytest.raises(StorageError, match="went away"):
        stop_within(server)
    write(server)
    with server.read() as connection:
        assert connection.execute(text("SELECT n FROM scratch")).scalars().all() == [1]


def test_a_nul_in_an_id_is_the_caller_s_fault(server: Database) -> None:
    looked = text("SELECT name FROM tenant WHERE name = :name")
    written = text("INSERT INTO alembic_version VALUES (:name)")
    with pytest.raises(InvalidRequest, match="NUL") as caught, server.read() as connection:
        connection.execute(looked, {"name": "canary\0"})
    with pytest.raises(InvalidRequest), server.transaction() as connection:
        connection.execute(written, {"name": "canary\0"})
    assert "canary" not in str(caught.value)
    write(server)

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import IntegrityError

from app.errors import StorageError
from app.storage.engine import DATABASE_NAME, Database, open_database
from app.storage.sqlite import SqliteDatabase

NOBODY = 65534


@contextmanager
def no_privileges() -> Iterator[None]:
    """Permission bits do not stop root, so for a moment we are not."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@contextmanager
def pragma(database: SqliteDatabase, statement: str) -> Iterator[None]:
    """Every connection handed out meanwhile has run `statement`."""

    def run(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(statement)

    event.listen(database.engine, "checkout", run)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", run)
        database.engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"")
    return path


def write(database: SqliteDatabase) -> None:
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE scratch (n INTEGER)"))


def test_a_file_where_the_folder_should_be(file: Path) -> None:
    for folder in (file, file / "data", file / "a" / "b"):
        with pytest.raises(StorageError, match="Set DRAGOMAN_DATA_DIR to a writable folder"):
            open_database(folder)


def test_a_folder_nobody_can_make() -> None:
    with pytest.raises(StorageError, match="Set DRAGOMAN_DATA_DIR to a writable folder"):
        open_database(Path("/proc/dragoman"))


def test_a_folder_where_the_database_should_be(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).mkdir()
    with pytest.raises(StorageError, match="DRAGOMAN_DATA_DIR"):
        open_database(tmp_path)


@pytest.mark.parametrize("used_before", [False, True])
def test_a_read_only_folder(used_before: bool) -> None:
    folder = Path(tempfile.mkdtemp())  # tmp_path lies below a folder that only its owner may enter
    try:
        if used_before:
            open_database(folder).close()
        folder.chmod(0o555)
        with no_privileges(), pytest.raises(StorageError, match="Set DRAGOMAN_DATA_DIR to a writable folder"):
            open_database(folder)
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"something else " * 1_000)
    with pytest.raises(StorageError, match="is not a Dragoman database"):
        open_database(tmp_path)
    assert (tmp_path / DATABASE_NAME).read_bytes() == b"something else " * 1_000


def test_a_damaged_database(sqlite: SqliteDatabase) -> None:
    sqlite.close()
    content = bytearray(sqlite.path.read_bytes())
    content[100:4_096] = b"\xff" * 3_996
    sqlite.path.write_bytes(content)
    with pytest.raises(StorageError, match="is damaged"):
        open_database(sqlite.path.parent)


def test_a_file_system_that_cannot_share_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's `unix-none` file system has no locks and no shared memory, as some network mounts."""
    monkeypatch.setattr(
        "app.storage.sqlite._engine",
        lambda path: create_engine(f"sqlite:///file:{path}?vfs=unix-none&uri=true"),
    )
    with pytest.raises(StorageError, match="folder on a local disk"):
        open_database(tmp_path)


def test_a_database_that_became_read_only(sqlite: SqliteDatabase) -> None:
    with pragma(sqlite, "PRAGMA query_only=ON"), pytest.raises(StorageError, match="cannot be written"):
        write(sqlite)
    write(sqlite)


def test_another_process_holds_the_lock(sqlite: SqliteDatabase) -> None:
    other = sqlite3.connect(sqlite.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pragma(sqlite, "PRAGMA busy_timeout=0"), pytest.raises(StorageError, match="locked"):
        write(sqlite)
    sqlite.ping()
    other.execute("ROLLBACK")
    other.close()
    write(sqlite)


def test_a_disk_that_refuses_to_grow_a_file(sqlite: SqliteDatabase) -> None:
    """A real write that fails: the kernel's limit on file size, against the write-ahead log."""
    wal = sqlite.path.with_name(f"{DATABASE_NAME}-wal")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size + 1_000, hard))
    try:
        with pytest.raises(StorageError, match="disk"):
            write(sqlite)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    write(sqlite)


def test_a_file_deleted_under_us(sqlite: SqliteDatabase) -> None:
    sqlite.ping()
    sqlite.path.unlink()
    with pytest.raises(StorageError, match="DRAGOMAN_DATA_DIR"):
        sqlite.ping()


def test_our_own_mistakes_are_not_the_operators(database: Database) -> None:
    twice = [{"version": "canary"}, {"version": "canary"}]
    statement = text("INSERT INTO alembic_version VALUES (:version)")
    with pytest.raises(IntegrityError) as caught, database.transaction() as connection:
        connection.execute(statement, twice)
    assert "canary" not in str(caught.value)

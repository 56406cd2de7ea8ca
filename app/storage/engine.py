"""The one database: opened, brought up to date, read and written.

SQLite in WAL mode. Calls block; asynchronous callers run them in a worker thread. Any number of threads and
processes may share the file.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import StorageError
from app.storage import migrate
from app.storage.faults import database_faults, folder_faults

DATABASE_NAME = "dragoman.db"
LOCK_NAME = "dragoman.lock"
BUSY_SECONDS = 10.0

_BEGIN = "dragoman_begin"  # execution option: the statement that opens the transaction


class Database:
    """Transactions on one file. `engine` is public for schema tools and for event hooks in tests."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine = engine
        self.path = path
        self._writing = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back whole on any exception.

        It holds the write lock from its start (BEGIN IMMEDIATE): a transaction that reads first and writes
        later would be refused at once by SQLite when another writer came between. Threads of one process
        queue on a lock of ours, because SQLite's own waiting is a poll without order. It does not nest.
        """
        with self._turn(), self._begin("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: every query in it sees the same moment. Never waits for writers."""
        with self._begin("BEGIN") as connection:
            yield connection

    def ping(self) -> None:
        """Raises StorageError unless the file is still there and answers."""
        with folder_faults(self.path.parent):
            self.path.stat()  # SQLite itself goes on writing to a deleted file
        with self.read() as connection:
            migrate.current(connection)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _begin(self, statement: str) -> Iterator[Connection]:
        with (
            database_faults(self.path),
            self.engine.connect().execution_options(**{_BEGIN: statement}) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise StorageError(f"{self.path} is busy with other writes for too long; nothing was written.")
        try:
            yield
        finally:
            self._writing.release()


def open_database(data_dir: Path) -> Database:
    """The database of `data_dir`, created if it is not there, its schema brought up to date.

    Raises StorageError that says what to do when the folder or the file cannot be used, or when the file
    was written by a newer release.
    """
    path = data_dir / DATABASE_NAME
    with folder_faults(data_dir):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # SQLite gives -wal and -shm the mode of the database
    database = Database(_engine(path), path)
    try:
        with _alone(data_dir):
            _prepare(database)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One opener at a time: SQLite refuses two that change the journal mode at once, without waiting."""
    with folder_faults(data_dir):
        lock = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with folder_faults(data_dir):
            fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel releases it if we die
        yield
    finally:
        os.close(lock)


def _prepare(database: Database) -> None:
    with database_faults(database.path):
        connection = database.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")  # not within a transaction, so not through Connection
            mode = cursor.fetchone()
        finally:
            connection.close()
    if mode != ("wal",):
        raise StorageError(
            f"The file system of {database.path} cannot share a database between processes (no WAL). "
            "Set DRAGOMAN_DATA_DIR to a folder on a local disk."
        )
    with database.read() as reading:
        if migrate.is_current(reading, database.path):
            return
    with database.transaction() as writing:
        migrate.upgrade(writing)


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS},  # = PRAGMA busy_timeout
        hide_parameters=True,  # what callers sent must not reach a log through an exception
        max_overflow=-1,  # readers are bounded by the callers' threads; none waits for a connection
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _open_transaction)
    return engine


def _configure(dbapi: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    dbapi.isolation_level = None  # the driver would begin transactions late and never immediate; we do it
    cursor = dbapi.cursor()
    try:
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged charge survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
    except BaseException:
        dbapi.close()  # the pool does not know it yet
        raise
    cursor.close()


def _open_transaction(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))

"""The database as a file of the data folder: SQLite in WAL mode."""

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
from app.storage.database import BUSY_SECONDS, MIGRATING, Database
from app.storage.faults import database_faults, folder_faults
from app.storage.prepared import say

LOCK_NAME = "dragoman.lock"

_BEGIN = "dragoman_begin"  # execution option: the statement that opens the transaction
_AT_ONCE = "BEGIN IMMEDIATE"


class SqliteDatabase(Database):
    def __init__(self, path: Path) -> None:
        """Creates neither the file nor its folder; `prepare` does."""
        super().__init__(_engine(path), str(path))
        self.path = path
        self._turns = threading.Lock()
        # Of the same connections; said once, because each time costs more than the statement.
        self._writers = self.engine.execution_options(**{_BEGIN: _AT_ONCE})

    def ping(self) -> None:
        with folder_faults(self.path.parent):
            self.path.stat()  # SQLite itself goes on writing to a deleted file
        super().ping()

    def prepare(self) -> None:
        folder = self.path.parent
        with folder_faults(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)  # SQLite gives -wal and -shm the mode of the database
        with _alone(folder):
            self._use_wal()
            if not self._is_current():
                with self.transaction() as writing:
                    migrate.upgrade(writing)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        with _alone(self.path.parent, wait=False), self.transaction() as writing:
            yield writing

    def clear(self, *tables: str) -> None:
        """`secure_delete` has overwritten the rows themselves; the journal may still hold them."""
        del tables
        with database_faults(self.name), self._turn():
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # not within a transaction
            finally:
                connection.close()

    def _use_wal(self) -> None:
        with database_faults(self.name):
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(
                    "PRAGMA journal_mode=WAL"
                )  # not within a transaction, so not through Connection
                mode = cursor.fetchone()
            finally:
                connection.close()
        if mode != ("wal",):
            raise StorageError(
                f"The file system of {self.name} cannot share a database between processes (no WAL). "
                "Set DRAGOMAN_DATA_DIR to a folder on a local disk."
            )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Holds the write lock from its start (BEGIN IMMEDIATE): a transaction that reads first and writes later
        would be refused at once by SQLite when another writer came between. Threads of one process queue on a lock
        of ours, because SQLite's own waiting is a poll without order.
        """
        with self._turn(), self._writers.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=BUSY_SECONDS):
            raise StorageError(f"{self.name} is busy with other writes for too long; nothing was written.")
        try:
            yield
        finally:
            self._turns.release()


@contextmanager
def _alone(data_dir: Path, *, wait: bool = True) -> Iterator[None]:
    """One opener at a time: SQLite refuses two that change the journal mode at once, without waiting."""
    with folder_faults(data_dir):
        lock = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with folder_faults(data_dir), _undisturbed():
            # The kernel releases it if we die.
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(lock)


@contextmanager
def _undisturbed() -> Iterator[None]:
    try:
        yield
    except BlockingIOError:
        raise StorageError(MIGRATING) from None


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
        cursor.execute("PRAGMA secure_delete=ON")  # texts of documents that are deleted are overwritten
        cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged charge survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
    except BaseException:
        dbapi.close()  # the pool does not know it yet
        raise
    cursor.close()


def _open_transaction(connection: Connection) -> None:
    say(connection, connection.get_execution_options().get(_BEGIN, "BEGIN"))

"""What the rest of the service knows of the database: transactions, reads, and whether it answers.

Calls block; asynchronous callers run them in a worker thread. Any number of threads and processes may share one.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from app.errors import StorageError
from app.storage import migrate
from app.storage.faults import database_faults, undone

BUSY_SECONDS = 10.0
"""How long a writer waits for another before that is an error."""

ATTEMPTS = 4

MIGRATING = (
    "Another process is opening or migrating the database: try again when it is done. Nothing was changed."
)

Result = TypeVar("Result")


class Database(ABC):
    """`engine` is public for schema tools and for event hooks in tests; `name` is what messages call it."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back whole on any exception. It does not nest.

        On SQLite it is the only one from its start. On PostgreSQL others run beside it (READ COMMITTED): what is
        read in order to be changed is read `with_for_update()`, or under app.storage.locks.hold.
        """
        with database_faults(self.name), self._writing() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: every query in it sees the same moment. Never waits for writers."""
        with database_faults(self.name), self._reading() as connection:
            yield connection

    def attempt(self, work: Callable[[Connection], Result]) -> Result:
        """`work` in a write transaction, tried again where PostgreSQL undid it for another's sake.

        So `work` changes nothing but the database. A connection lost at commit is not tried again: nobody knows
        whether it was committed.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                with self.transaction() as connection:
                    return work(connection)
            except StorageError as error:
                if not undone(error):
                    raise
        with self.transaction() as connection:
            return work(connection)

    def ping(self) -> None:
        """Raises StorageError unless the database is still there and answers."""
        with self.read() as connection:
            migrate.current(connection)

    def close(self) -> None:
        self.engine.dispose()

    @abstractmethod
    def prepare(self) -> None:
        """Bring the schema up to date, which of any number of openers one alone does.

        Raises StorageError for a schema that is newer than this release.
        """

    @abstractmethod
    def migrating(self) -> AbstractContextManager[Connection]:
        """A write transaction in which nobody else migrates. Raises StorageError at once where somebody does."""

    @abstractmethod
    def clear(self, *tables: str) -> None:
        """What was deleted from them is no longer in the free space and journals that can be cleared from here."""

    @abstractmethod
    @contextmanager
    def _writing(self) -> Iterator[Connection]: ...

    @abstractmethod
    @contextmanager
    def _reading(self) -> Iterator[Connection]: ...

    def _is_current(self) -> bool:
        with self.read() as reading:
            return migrate.is_current(reading, self.name)

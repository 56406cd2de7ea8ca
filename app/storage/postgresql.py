"""The database as a PostgreSQL server that any number of replicas share."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import StorageError
from app.storage import address, migrate
from app.storage.database import BUSY_SECONDS, MIGRATING, Database
from app.storage.faults import NUL, database_faults
from app.storage.locks import hold, take

STATEMENT_SECONDS = 30.0
IDLE_SECONDS = 60.0
"""A replica that stands still in a transaction loses it: its locks are others' standstill."""

PATIENCE = 40.0
"""More than any limit the server itself keeps: one that says nothing for so long stands still."""

MIGRATION_SECONDS = 600.0
SCHEMA = "schema"
"""The lock of whoever migrates."""
CONNECTIONS = 20
"""Most of one process. Who finds all of them busy waits, then gets an error."""

_KEPT = 5  # between uses

_SESSION = """
SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),
       set_config('idle_in_transaction_session_timeout', %s, false), set_config('TimeZone', 'UTC', false),
       set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                  ELSE current_setting('synchronous_commit') END, false)
"""  # the last: an acknowledged charge survives a power cut
_UNHURRIED = text(
    "SELECT set_config('statement_timeout', :most, true), set_config('lock_timeout', :most, true)"
)


class PostgresDatabase(Database):
    def __init__(self, url: str) -> None:
        """Connects to nothing yet."""
        found = address.parse(url)
        super().__init__(_engine(found), found.name)

    def prepare(self) -> None:
        if self._is_current():
            return
        with self.transaction() as writing:
            unhurried(writing)
            hold(writing, SCHEMA)  # replicas that start together: the first migrates
            if not migrate.is_current(writing, self.name):
                migrate.upgrade(writing)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        with self.transaction() as writing:
            unhurried(writing)
            if not take(writing, SCHEMA):
                raise StorageError(MIGRATING)
            yield writing

    def clear(self, *tables: str) -> None:
        with database_faults(self.name), self.engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")  # not within a transaction
            for table in tables:
                alone.exec_driver_sql(f'VACUUM "{table}"')

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection


class _Bounded(psycopg.Connection[Any]):
    """Gives a silent server up. Its own limits do not help where it, or the machine under it, is stopped."""

    patience: float | None = None
    """Until it goes back to the pool; PATIENCE if None."""

    def wait(self, gen: PQGen[RV], *args: Any, **more: Any) -> RV:
        return super().wait(self._watched(gen), *args, **more)

    def _watched(self, gen: PQGen[RV]) -> PQGen[RV]:
        until = time.monotonic() + (self.patience or PATIENCE)
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server says nothing")
                state = gen.send(ready)
        except StopIteration as done:
            value: RV = done.value
            return value


def unhurried(connection: Connection) -> None:
    """This transaction may take minutes."""
    driver = connection.connection.dbapi_connection
    if isinstance(driver, _Bounded):
        driver.patience = MIGRATION_SECONDS + PATIENCE
    connection.execute(_UNHURRIED, {"most": _milliseconds(MIGRATION_SECONDS)})


def _engine(found: address.Address) -> Engine:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: _connect(found),  # libpq reads the address itself: several hosts, TLS, sockets
        hide_parameters=True,  # what callers sent must not reach a log through an exception
        isolation_level="READ COMMITTED",
        pool_size=_KEPT,
        max_overflow=CONNECTIONS - _KEPT,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,  # a server that was restarted costs nobody a request
    )
    event.listen(engine, "handle_error", _scrub)
    event.listen(engine, "checkin", _hurry)
    return engine


def _connect(found: address.Address) -> psycopg.Connection:
    try:
        connection = _Bounded.connect(found.conninfo, autocommit=True)
    except psycopg.OperationalError as error:
        raise StorageError(
            f"The {found.name} cannot be reached{_reason(error, found.password)}. "
            "Check that it runs, the network between, and DRAGOMAN_DATABASE_URL."
        ) from None
    try:
        limits = [_milliseconds(most) for most in (STATEMENT_SECONDS, BUSY_SECONDS, IDLE_SECONDS)]
        connection.execute(_SESSION, limits)
        connection.autocommit = False
    except BaseException:
        connection.close()  # the pool does not know it yet
        raise
    return connection


def _hurry(connection: DBAPIConnection | None, _entry: ConnectionPoolEntry) -> None:
    if isinstance(connection, _Bounded):
        connection.patience = None


def _reason(error: psycopg.OperationalError, password: str) -> str:
    """The driver's own words, which tell host and user; of several hosts tried, about the last."""
    lines = str(error).splitlines()
    _, _, reason = next((line for line in reversed(lines) if "failed: " in line), lines[0]).rpartition(
        "failed: "
    )
    return "" if password and password in reason else f" ({reason.strip()})"


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1_000))


def _scrub(context: ExceptionContext) -> None:
    """PostgreSQL's messages repeat values: they are replaced in place, for everyone up the stack."""
    if isinstance(context.original_exception, psycopg.Error):
        said = _discreet(context.original_exception)
        context.original_exception.args = (said,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (said,)


def _discreet(error: psycopg.Error) -> str:
    """Constraint violations name tables and columns, or are our triggers' own words; the rest keeps its kind."""
    if error.sqlstate is None:
        return NUL if "(0x00)" in str(error) else type(error).__name__
    if isinstance(error, psycopg.IntegrityError) and error.diag.message_primary:
        return error.diag.message_primary
    return f"{type(error).__name__} ({error.sqlstate})"

"""Whether a database can be worked with, found out without changing it."""

from dataclasses import dataclass

from sqlalchemy import column, select, table, update

from app.errors import StorageError
from app.storage import migrate
from app.storage.database import Database

_VERSION = table("alembic_version", column("version_num"))


@dataclass(frozen=True, slots=True)
class Examination:
    database: str
    kind: str
    server: str | None = None
    """Version of SQLite or of the server; None: it cannot be reached."""

    schema: str | None = None
    """None: nothing was migrated yet."""

    newest: str | None = None
    """The schema of this release."""

    writable: bool = False
    fault: str | None = None

    @property
    def current(self) -> bool:
        return self.schema is not None and self.schema == self.newest

    @property
    def sound(self) -> bool:
        return self.current and self.writable and self.fault is None


def examine(database: Database) -> Examination:
    """Raises nothing for a database that cannot be used: `fault` says why."""
    found = Examination(database.name, database.engine.dialect.name, newest=migrate.newest())
    try:
        database.ping()
        with database.read() as connection:
            server = ".".join(map(str, connection.dialect.server_version_info or ())) or None
            schema = migrate.current(connection)
        found = Examination(found.database, found.kind, server, schema, found.newest)
        if schema is not None:
            _write_nothing(database)
    except StorageError as error:
        return Examination(
            found.database, found.kind, found.server, found.schema, found.newest, fault=str(error)
        )
    return Examination(
        found.database, found.kind, found.server, found.schema, found.newest, writable=schema is not None
    )


def _write_nothing(database: Database) -> None:
    """A real write, taken back."""
    with database.transaction() as connection, connection.begin_nested() as trial:
        version = select(_VERSION.c.version_num).scalar_subquery()
        connection.execute(update(_VERSION).values(version_num=version))
        trial.rollback()

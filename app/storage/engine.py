"""The one database: SQLite in the data folder, or PostgreSQL where an address is given."""

from pathlib import Path

from app.storage.database import Database
from app.storage.sqlite import SqliteDatabase

__all__ = ["DATABASE_NAME", "Database", "connect_database", "open_database"]

DATABASE_NAME = "dragoman.db"


def open_database(data_dir: Path, url: str = "") -> Database:
    """The database at `url`, or else of `data_dir`; made if it is not there, its schema brought up to date.

    Raises StorageError that says what to do when it cannot be used, or when it was written by a newer release;
    ConfigurationError for an address that is not one.
    """
    database = connect_database(data_dir, url)
    try:
        database.prepare()
    except BaseException:
        database.close()
        raise
    return database


def connect_database(data_dir: Path, url: str = "") -> Database:
    """The same, taken as it is: nothing is made or migrated."""
    if not url:
        return SqliteDatabase(data_dir / DATABASE_NAME)
    from app.storage.postgresql import PostgresDatabase  # noqa: PLC0415  SQLite needs no driver of PostgreSQL's

    return PostgresDatabase(url)

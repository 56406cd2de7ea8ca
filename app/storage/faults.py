"""What the database says, turned into a sentence for the operator: never with SQL or its parameters."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from app.errors import StorageError

_PRIMARY_CODE = 0xFF  # SQLite's extended result codes keep the primary one in the low byte

_LOCKED = "Another process keeps {path} locked for too long; nothing was written. Try again."
_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full; nothing was written. Free some space on it.",
    sqlite3.SQLITE_READONLY: (
        "{path} cannot be written. Give this user write access to it and its folder, "
        "or set DRAGOMAN_DATA_DIR to a writable folder."
    ),
    sqlite3.SQLITE_PERM: "{path} may not be opened. Set DRAGOMAN_DATA_DIR to a folder of this user.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: (
        "{path} cannot be opened. Check that the folder exists and may be written, "
        "or set DRAGOMAN_DATA_DIR to a writable folder."
    ),
    sqlite3.SQLITE_IOERR: "The disk that holds {path} fails. Check its health and its space.",
    sqlite3.SQLITE_CORRUPT: (
        "{path} is damaged. Restore it from a backup, or set DRAGOMAN_DATA_DIR to another folder."
    ),
    sqlite3.SQLITE_NOTADB: (
        "{path} is not a Dragoman database. Move the file away, restore it from a backup, "
        "or set DRAGOMAN_DATA_DIR to another folder."
    ),
}
_OTHERWISE = "The database {path} cannot be used ({code}). Check the file, its folder and its disk."


@contextmanager
def database_faults(path: Path) -> Iterator[None]:
    """Turn the driver's operational errors into StorageError.

    IntegrityError and ProgrammingError pass: they are ours, not the operator's.
    """
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise
    except DBAPIError as error:
        raise StorageError(_sentence(error.orig, path)) from error.orig
    except sqlite3.DatabaseError as error:  # connecting is not wrapped by SQLAlchemy
        raise StorageError(_sentence(error, path)) from error


@contextmanager
def folder_faults(folder: Path) -> Iterator[None]:
    """Turn the file system's refusals into StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The data folder {folder} cannot be used ({error.strerror or type(error).__name__}). "
            "Set DRAGOMAN_DATA_DIR to a writable folder."
        ) from error


def _sentence(error: BaseException | None, path: Path) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return _SENTENCES.get(code, _OTHERWISE).format(path=path, code=name)

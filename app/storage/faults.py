"""What the database says, turned into a sentence for the operator: never with SQL or its parameters."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import InvalidRequest, StorageError

NUL = "NUL"
"""What is left of PostgreSQL's driver's refusal of a text with U+0000, which callers can put into an id."""

_PRIMARY_CODE = 0xFF  # SQLite's extended result codes keep the primary one in the low byte

_LOCKED = "Another process keeps {name} locked for too long; nothing was written. Try again."
_SQLITE = {
    sqlite3.SQLITE_FULL: "The disk that holds {name} is full; nothing was written. Free some space on it.",
    sqlite3.SQLITE_READONLY: (
        "{name} cannot be written. Give this user write access to it and its folder, "
        "or set DRAGOMAN_DATA_DIR to a writable folder."
    ),
    sqlite3.SQLITE_PERM: "{name} may not be opened. Set DRAGOMAN_DATA_DIR to a folder of this user.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: (
        "{name} cannot be opened. Check that the folder exists and may be written, "
        "or set DRAGOMAN_DATA_DIR to a writable folder."
    ),
    sqlite3.SQLITE_IOERR: "The disk that holds {name} fails. Check its health and its space.",
    sqlite3.SQLITE_CORRUPT: (
        "{name} is damaged. Restore it from a backup, or set DRAGOMAN_DATA_DIR to another folder."
    ),
    sqlite3.SQLITE_NOTADB: (
        "{name} is not a Dragoman database. Move the file away, restore it from a backup, "
        "or set DRAGOMAN_DATA_DIR to another folder."
    ),
}
_SQLITE_OTHERWISE = "The database {name} cannot be used ({code}). Check the file, its folder and its disk."

_UNDONE = ("40001", "40P01")
_GONE = "The {name} went away or is starting. Try again; if it lasts, check that it runs."
_POSTGRESQL = {
    "40": "The {name} undid the transaction for the sake of others; nothing was written. Try again.",
    "08": _GONE,
    "57P": _GONE,
    "57014": "The {name} took too long; nothing was written. Try again; if it lasts, see what slows it down.",
    "55P03": "Others keep rows or tables of the {name} locked for too long; nothing was written. Try again.",
    "25P03": "The {name} ended a transaction that stood still for too long; nothing was written. Try again.",
    "25006": (
        "The {name} cannot be written: it is a standby or set to read only. "
        "Set DRAGOMAN_DATABASE_URL to the primary."
    ),
    "28": "The {name} refuses the user or the password. Check DRAGOMAN_DATABASE_URL.",
    "3D000": "There is no {name}. Create it (createdb), or check DRAGOMAN_DATABASE_URL.",
    "3F000": "The {name} has no schema to write to. Check the user's search_path.",
    "42501": (
        "The user of the {name} may not do what Dragoman needs. "
        "Make it the owner of the database, or check DRAGOMAN_DATABASE_URL."
    ),
    "53100": "The disk of the {name} is full; nothing was written. Free some space on it.",
    "53300": "The {name} takes no more connections. Raise its max_connections, or run fewer replicas.",
    "53": "The {name} is short of memory or other resources ({code}); nothing was written. See its log.",
    "58": "The {name} cannot use its own files ({code}). Check its disk and its log.",
    "XX": "The {name} is damaged or meets a defect of its own ({code}). See its log; restore it from a backup.",
}
"""By the first characters of the SQLSTATE; the longest that fits is taken."""

_POSTGRESQL_OTHERWISE = "The {name} cannot be used ({code}). See its log."
_EXHAUSTED = "All connections to the {name} are in use for too long; nothing was written. Try again."


@contextmanager
def database_faults(name: str) -> Iterator[None]:
    """Turn the driver's operational errors into StorageError.

    IntegrityError, ProgrammingError and DataError pass: they are ours, not the operator's; but for U+0000 in a text,
    which PostgreSQL cannot hold: that is the caller's, InvalidRequest. PostgreSQL files a missing privilege under
    ProgrammingError.
    """
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, DataError) and str(error.orig) == NUL:
            raise InvalidRequest(
                "A value contains U+0000 (NUL), which cannot be stored or looked for."
            ) from None
        ours = isinstance(error, (IntegrityError, ProgrammingError, DataError))
        if ours and _sqlstate(error.orig) != "42501":
            raise
        raise StorageError(_sentence(error.orig, name)) from error.orig
    except PoolTimeout as error:
        raise StorageError(_EXHAUSTED.format(name=name)) from error
    except sqlite3.DatabaseError as error:  # connecting is not wrapped by SQLAlchemy
        raise StorageError(_sentence(error, name)) from error


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


def undone(error: StorageError) -> bool:
    """Whether PostgreSQL rolled the transaction back because of another, so that it may be tried again."""
    return _sqlstate(error.__cause__) in _UNDONE


def _sentence(error: BaseException | None, name: str) -> str:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        told = getattr(error, "sqlite_errorname", type(error).__name__)
        return _SQLITE.get(code, _SQLITE_OTHERWISE).format(name=name, code=told)
    state = _sqlstate(error)
    if state is None:
        return _GONE.format(name=name)
    found = (_POSTGRESQL[state[:length]] for length in (5, 3, 2) if state[:length] in _POSTGRESQL)
    return next(found, _POSTGRESQL_OTHERWISE).format(name=name, code=state)


def _sqlstate(error: BaseException | None) -> str | None:
    state: str | None = getattr(error, "sqlstate", None)
    return state

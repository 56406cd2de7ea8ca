"""Statements of the hot path: compiled once a dialect, and on SQLite handed to the driver itself.

SQLAlchemy spends more on a small statement than SQLite on answering it (15 to 35 of 2 microseconds, and thrice that
after a wait for the disk), and more on the parameters of a wide row than SQLite on storing it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, Text, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

Values = Mapping[str, Any]
"""By the names of a statement's parameters: integers, text, bytes, null, which drivers take as they are."""

_Compiled = tuple[str, Callable[[Values], Any]]
"""The text, and what makes its parameters of values: by name, or in their order."""


def fetch(connection: Connection, statement: ClauseElement, values: Values) -> Sequence[tuple[Any, ...]]:
    """All rows. `statement` is made once and kept: so is what is compiled of it."""
    text, parameters = _compiled(statement, connection.dialect)
    driver = _sqlite(connection)
    if driver is None:
        return [tuple(row) for row in connection.exec_driver_sql(text, parameters(values))]
    with _wrapped(connection.dialect):
        return driver.execute(text, parameters(values)).fetchall()


def run(connection: Connection, statement: ClauseElement, rows: Sequence[Values]) -> None:
    """Once for each of `rows`, of which there is at least one. `statement` as for `fetch`."""
    text, parameters = _compiled(statement, connection.dialect)
    driver = _sqlite(connection)
    if driver is None:
        connection.exec_driver_sql(text, [parameters(row) for row in rows])
        return
    with _wrapped(connection.dialect):
        driver.executemany(text, [parameters(row) for row in rows])


def say(connection: Connection, text: str) -> None:
    """To SQLite, as it is."""
    with _wrapped(connection.dialect):
        _driver(connection).execute(text)


def room(texts: Sequence[str]) -> int:
    """How many places a list with `texts` is given: a power of two, so that few statements serve every length."""
    return 1 << max(0, len(texts) - 1).bit_length()


def places(name: str, size: int) -> list[BindParameter[str]]:
    """Parameters for `in_`."""
    return [bindparam(f"{name}{number}", type_=Text) for number in range(size)]


def placed(name: str, texts: Sequence[str]) -> dict[str, str]:
    """The values of `places(name, room(texts))`: the last of `texts`, of which there is one, fills what is left."""
    filled = chain(texts, repeat(texts[-1]))
    return {f"{name}{number}": text for number, text in zip(range(room(texts)), filled, strict=False)}


def _sqlite(connection: Connection) -> sqlite3.Connection | None:
    return _driver(connection) if connection.dialect.name == "sqlite" else None


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.dbapi_connection
    return cast("sqlite3.Connection", driver)


@contextmanager
def _wrapped(dialect: Dialect) -> Iterator[None]:
    """Errors as SQLAlchemy raises them, which is what callers know."""
    try:
        yield
    except sqlite3.Error as error:
        raise DBAPIError.instance(
            None, None, error, sqlite3.Error, hide_parameters=True, dialect=dialect
        ) from error


def _compiled(statement: ClauseElement, dialect: Dialect) -> _Compiled:
    key = (statement, dialect.name)
    found = _STATEMENTS.get(key)
    if found is None:
        compiled: Any = statement.compile(dialect=dialect)
        found = _STATEMENTS[key] = (str(compiled), _ordered(compiled.positiontup))
    return found


def _ordered(names: Sequence[str] | None) -> Callable[[Values], Any]:
    if names is None:
        return dict
    if len(names) == 1:
        return lambda values: (values[names[0]],)
    return itemgetter(*names)


_STATEMENTS: dict[tuple[ClauseElement, str], _Compiled] = {}

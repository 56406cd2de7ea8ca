"""How SQLite goes about what it is asked."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import event

from app.storage.sqlite import SqliteDatabase


@contextmanager
def taken(database: SqliteDatabase) -> Iterator[list[str]]:
    """The steps of the query plans of what is said to `database` meanwhile; there at the end."""
    said: list[str] = []
    steps: list[str] = []

    def listen(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_trace_callback(said.append)

    event.listen(database.engine, "checkout", listen)
    try:
        yield steps
    finally:
        event.remove(database.engine, "checkout", listen)
        database.engine.dispose()
    with closing(sqlite3.connect(database.path)) as raw:
        for statement in said:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "COMMIT", "--")):
                steps += [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}")]

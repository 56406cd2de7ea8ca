"""A disk that is nearly full."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from app.storage.engine import Database


@contextmanager
def pages(database: Database, more: int) -> Iterator[None]:
    """A disk with room for `more` pages: SQLite answers "database or disk is full" past them."""
    with database.read() as connection:
        limit = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + more

    def bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit}")

    event.listen(database.engine, "checkout", bound)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", bound)
        database.engine.dispose()

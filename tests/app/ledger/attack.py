"""What one who owns the database can do to it: no triggers, no keys."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import text

from app.storage.engine import Database
from app.storage.sqlite import SqliteDatabase

Execute = Callable[[str], int]
"""Runs a statement; how many rows it touched."""


@contextmanager
def attack(database: Database) -> Iterator[Execute]:
    if not isinstance(database, SqliteDatabase):
        with database.transaction() as connection:
            for table in ("ledger_entry", "ledger_line", "price_list"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE ledger_line DROP CONSTRAINT ledger_line_entry_id_fkey"))
        with database.transaction() as connection:
            yield lambda statement: connection.execute(text(statement)).rowcount
        return
    with closing(sqlite3.connect(database.path, isolation_level=None)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        yield lambda statement: raw.execute(statement).rowcount

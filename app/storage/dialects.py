"""Where SQLite and PostgreSQL spell alike what SQLAlchemy does not."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(dialect: str, table: Table) -> Any:
    """An insert with `on_conflict_do_nothing`, `on_conflict_do_update` and `excluded`."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)

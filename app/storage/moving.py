"""From SQLite to PostgreSQL: every table, whole or not at all, and held against the original before it counts."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, MetaData, Row, Select, Table, delete, func, insert, select, text

from app.errors import StorageError
from app.storage import migrate
from app.storage.database import Database
from app.storage.locks import hold
from app.storage.postgresql import PostgresDatabase, unhurried

_ROWS = 1_000
_OURS = "alembic_version"
_FIRST = "ledger_line"  # before its entries, whose trigger adds the lines up
_MIGRATED = {
    "tenant": ("name", "local")
}  # rows that a migration itself puts in; the original's take their place
_SEQUENCE = "SELECT pg_get_serial_sequence(:name, :column)"


@dataclass(frozen=True, slots=True)
class Moved:
    table: str
    rows: int
    checksum: str
    """Of all rows in any order: the sum of their SHA-256."""


def move(source: Database, target: PostgresDatabase) -> tuple[Moved, ...]:
    """Copies every table of `source` into the empty `target`, in one transaction that commits only what it has read
    back and found equal. `source` stays as it is; what is written to it meanwhile is not copied.

    Raises StorageError if `source` is not up to date, if `target` holds anything, or if they differ afterwards.
    """
    target.prepare()
    with source.read() as reading, target.transaction() as writing:
        if not migrate.is_current(reading, source.name):
            raise StorageError(f"{source.name} has an older schema. Run `dragoman db migrate` on it first.")
        unhurried(writing)
        hold(writing, "move")
        originals, copies = tables(reading), {table.name: table for table in tables(writing)}
        make_room(writing, target.name)
        return tuple(_move(reading, writing, each, copies[each.name]) for each in originals)


def tables(connection: Connection) -> list[Table]:
    """All but Alembic's own, in an order in which they can be filled."""
    metadata = MetaData()
    metadata.reflect(connection)
    found = [table for table in metadata.sorted_tables if table.name != _OURS]
    return sorted(found, key=lambda table: table.name != _FIRST)


def make_room(connection: Connection, name: str) -> None:
    """Raises StorageError where there is more than migrations put in, which goes."""
    refuse_full(connection, name)
    copies = {table.name: table for table in tables(connection)}
    for table, (column, value) in _MIGRATED.items():
        connection.execute(delete(copies[table]).where(copies[table].c[column] == value))


def refuse_full(connection: Connection, name: str) -> None:
    full = [table.name for table in tables(connection) if connection.execute(_added(table)).first()]
    if full:
        raise StorageError(
            f"The {name} is not empty ({', '.join(full)}). Nothing was copied: give a new database."
        )


def _added(table: Table) -> Select[Any]:
    query = select(table).limit(1)
    if table.name not in _MIGRATED:
        return query
    column, value = _MIGRATED[table.name]
    return query.where(table.c[column] != value)


def _move(reading: Connection, writing: Connection, original: Table, copy: Table) -> Moved:
    sent, names = RowSum(), [column.name for column in original.columns]
    with batches(reading, original) as found:
        for rows in found:
            sent.add(rows)
            writing.execute(insert(copy), [dict(zip(names, row, strict=True)) for row in rows])
    moved = Moved(original.name, sent.rows, sent.hexdigest())
    settle(writing, copy, moved, columns=names)
    return moved


def settle(connection: Connection, copy: Table, original: Moved, *, columns: Sequence[str]) -> None:
    """Raises StorageError unless `copy`, read back, is `original`; numbers go on after those that came in."""
    received = RowSum()
    with batches(connection, copy, columns=columns) as found:
        for rows in found:
            received.add(rows)
    if (original.rows, original.checksum) != (received.rows, received.hexdigest()):
        raise StorageError(f"The copy of table {copy.name} differs from the original. Nothing was copied.")
    if connection.dialect.name == "postgresql":
        _advance(connection, copy)


@contextmanager
def batches(
    connection: Connection, table: Table, *, columns: Sequence[str] | None = None
) -> Iterator[Iterator[list[Row[Any]]]]:
    """As they come from the database, whose cursor is closed on leaving, also before the last."""
    query = select(*(table.c[name] for name in columns)) if columns else select(table)
    with connection.execute(query.execution_options(yield_per=_ROWS)) as found:
        yield iter(lambda: list(islice(found, _ROWS)), [])


class RowSum:
    """Of rows in any order, alike on both databases."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows += len(rows)
        for row in rows:
            plain = repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
            self._sum += int.from_bytes(hashlib.sha256(plain.encode()).digest(), "big")

    def hexdigest(self) -> str:
        return f"{self._sum % (1 << 256):064x}"


def _advance(connection: Connection, table: Table) -> None:
    """Numbers that PostgreSQL gives out itself go on after those that came in."""
    for column in table.primary_key.columns:
        name = connection.execute(text(_SEQUENCE), {"name": table.name, "column": column.name}).scalar()
        highest = connection.execute(select(func.max(column))).scalar() if name else None
        if highest is not None:
            connection.execute(select(func.setval(name, highest)))

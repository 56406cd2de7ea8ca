"""Tables of a database: read in the order of a key, page by page, and written as a new table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Engine,
    Float,
    MetaData,
    Table,
    TableClause,
    Text,
    column,
    create_engine,
    func,
    inspect,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from app.bulk.added import ADDED, SCORED, Added, Answers
from app.bulk.form import cell
from app.bulk.record import Record
from app.errors import ConfigurationError, StorageError

PAGE = 1_000
"""Rows read or written at once."""
STAGED = "__part"
"""Ending of the name that a new table has until it is whole."""


@dataclass(frozen=True)
class Address:
    """`sqlite:///FILE?table=NAME&key=COLUMN`, `postgresql://…?table=NAME&key=COLUMN`."""

    url: URL
    table: str
    key: str | None

    @cached_property
    def engine(self) -> Engine:
        return create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def reflected(self, name: str | None = None) -> Table:
        with faults(self):
            return Table(name or self.table, MetaData(), autoload_with=self.engine)

    def has(self, name: str) -> bool:
        with faults(self):
            return inspect(self.engine).has_table(name)

    def __str__(self) -> str:
        """Without the password."""
        return f"the table {self.table} of {self.url.set(query={})!s}"


def parsed(address: str) -> Address:
    """Raises ConfigurationError."""
    try:
        url = make_url(address)
        names = {name: url.query.get(name) for name in ("table", "key")}
        url = url.difference_update_query(("table", "key"))
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        url.get_dialect().import_dbapi()
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{url.drivername} needs the Python package {error.name}, which is not installed."
        ) from error
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigurationError("The address of the database cannot be read.") from error
    table, key = names["table"], names["key"]
    if not isinstance(table, str) or not (key is None or isinstance(key, str)):
        raise ConfigurationError("Name one table=, and one key= at most, in the address of the database.")
    return Address(url, table, key)


@contextmanager
def faults(address: Address) -> Iterator[None]:
    """Without the statement, which might hold text."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StorageError(f"{address} cannot be used ({type(error).__name__}).") from error


class TableReader:
    def __init__(self, address: Address, added: Added) -> None:
        """Raises ConfigurationError and StorageError."""
        self.address = address
        self.table = address.reflected()
        self._added = added
        if address.key is None or address.key not in self.table.c:
            raise ConfigurationError(f"Say by which column {address} is to be read: …?table=NAME&key=COLUMN.")
        for field in added.fields:
            if field not in self.table.c:
                raise ConfigurationError(f"{address} has no column {field!a}. Name columns with --field.")
        for name in added.names:
            if name in self.table.c:
                raise ConfigurationError(f"There is a column {name!a} already, which would be doubled.")
        self.plain = _plain(self.table, address)
        self._key = self.plain.c[address.key]

    @cached_property
    def extent(self) -> dict[str, Any]:
        """Rows, first and last key. Raises ConfigurationError for a key that is no key."""
        counted = select(func.count(), func.count(self._key.distinct())).select_from(self.plain)
        # Not min and max: not every kind of key has them (uuid).
        ends = [select(self._key).order_by(order).limit(1) for order in (self._key, self._key.desc())]
        with faults(self.address), self.address.engine.connect() as connection:
            count, distinct = connection.execute(counted).one()
            first, last = (connection.scalar(each) for each in ends)
        if count != distinct:
            raise ConfigurationError(
                f"The column {self._key.name!a} of {self.address} is not different in every row."
            )
        return {"rows": count, "first": first, "last": last}

    def records(self, *, whole: bool) -> Iterator[Record]:
        """Rows that come after it was begun are not among them."""
        if not self.extent["rows"]:
            return
        columns = list(self.plain.c) if whole else [self._key, *(self.plain.c[f] for f in self._added.fields)]
        asked = select(*columns).where(self._key <= self.extent["last"]).order_by(self._key).limit(PAGE)
        line, after = 0, None
        while True:
            page = asked if line == 0 else asked.where(self._key > after)
            with faults(self.address), self.address.engine.connect() as connection:
                found = connection.execute(page).mappings().all()
            for row in found:
                line += 1
                yield self._record(line, dict(row))
            if len(found) < PAGE:
                return
            after = found[-1][self._key.name]

    def _record(self, line: int, row: dict[str, Any]) -> Record:
        key = row[self._key.name]
        texts = tuple(row[field] or None for field in self._added.fields)
        if not all(text is None or isinstance(text, str) for text in texts):
            return Record(line, row, (), "A column that is to be translated holds no text.", key=key)
        return Record(line, row, texts, size=sum(len(text) for text in texts if text), key=key)


class TableWriter:
    """Into a table of another name, until it is whole."""

    def __init__(self, address: Address, reader: TableReader) -> None:
        self._address = address
        self._added = reader._added  # noqa: SLF001  one module
        columns = [
            Column(
                each.name,
                each.type,
                primary_key=each.primary_key,
                nullable=each.nullable,
                autoincrement=False,
            )
            for each in reader.table.c
        ]
        added = [
            Column(name, kind) for name, kind in zip(self._added.names, _types(self._added), strict=True)
        ]
        self._table = Table(address.table + STAGED, MetaData(), *columns, *added)
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        with faults(self._address):
            self._table.drop(self._address.engine, checkfirst=True)
            self._table.create(self._address.engine)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()

    def write(self, record: Record, answers: Answers) -> None:
        values = map(cell, self._added.values(answers)) if answers else [None] * len(self._added.names)
        self._rows.append({**record.raw, **dict(zip(self._added.names, values, strict=True))})
        if len(self._rows) >= PAGE:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            engine = self._address.engine.execution_options(isolation_level="SERIALIZABLE")
            with faults(self._address), engine.begin() as connection:
                connection.execute(_plain(self._table, self._address).insert(), self._rows)
            self._rows = []


def take(address: Address) -> None:
    """The staged table becomes the table; nothing happens where it has already."""
    if not address.has(address.table + STAGED):
        return
    quote = address.engine.dialect.identifier_preparer.quote
    staged, name = quote(address.table + STAGED), quote(address.table)
    with faults(address), address.engine.connect() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
        connection.execute(text(f"ALTER TABLE {staged} RENAME TO {name}"))


def _plain(found: Table, address: Address) -> Table | TableClause:
    """SQLite keeps what it was given whatever a column's type: there values pass as they are."""
    if address.engine.dialect.name != "sqlite":
        return found
    return table(found.name, *(column(each.name) for each in found.c))


def _types(added: Added) -> list[Any]:
    kinds: dict[str, Any] = dict.fromkeys(ADDED, Text) | {
        "confidence": Float,
        SCORED: Float,
        "characters": BigInteger,
    }
    return (
        [kinds[part] for _ in added.fields for part in added.parts]
        if added.flat
        else [Text] * len(added.fields)
    )

"""The schema taken to a version that is named, forward or back, and what going back would lose."""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from app.errors import ConfigurationError, StorageError
from app.storage import migrate
from app.storage.database import Database

_NAMED = 5
"""Losses that a sentence names."""


@dataclass(frozen=True, slots=True)
class Loss:
    table: str
    column: str | None
    """None: rows."""
    count: int
    """Rows that are gone, or whose value in `column` is."""

    def __str__(self) -> str:
        if self.column is None:
            return f"{self.table} ({self.count} rows)"
        return f"{self.table}.{self.column} ({self.count} rows)"


@dataclass(frozen=True, slots=True)
class Step:
    before: str | None
    after: str
    back: bool
    lost: tuple[Loss, ...] = ()


Holdings = dict[tuple[str, str | None], int]
"""Rows of each table, and of each column the rows that say something else than its default."""


def step(database: Database, to: str, *, lose: bool) -> Step:
    """In one transaction, whole or not at all.

    Raises ConfigurationError for a version that there is not; StorageError where a step back refuses, or would lose
    something and not `lose`, or another process is migrating.
    """
    versions = migrate.history()
    if to not in versions:
        raise ConfigurationError(
            f"There is no schema {to!r}: this release has {versions[0]} to {versions[-1]}."
        )
    database.ping()
    with database.migrating() as writing:
        migrate.is_current(writing, database.name)
        before = migrate.current(writing)
        if before is None or versions.index(before) <= versions.index(to):
            migrate.upgrade(writing, to)
            return Step(before, to, back=False)
        held = _holdings(writing)
        migrate.downgrade(writing, to)
        lost = _missing(held, _holdings(writing))
        if lost and not lose:
            raise StorageError(_refusal(to, lost))
        return Step(before, to, back=True, lost=lost)


def _holdings(connection: Connection) -> Holdings:
    """Of a large table a whole scan: going back is rare, and says what it costs."""
    found: Holdings = {}
    quote = connection.dialect.identifier_preparer.quote
    for (_, table), columns in inspect(connection).get_multi_columns().items():
        if table == "alembic_version":
            continue
        counts = ["count(*)", *[_telling(quote(each["name"]), each["default"]) for each in columns]]
        row = connection.execute(text(f"SELECT {', '.join(counts)} FROM {quote(table)}")).one()  # noqa: S608
        names = [None, *[str(each["name"]) for each in columns]]
        found |= {(table, name): int(count or 0) for name, count in zip(names, row, strict=True)}
    return found


def _telling(column: str, default: str | None) -> str:
    if default is None:
        return f"count({column})"
    escaped = default.replace(":", r"\:")  # PostgreSQL's casts are no parameters
    return f"sum(CASE WHEN {column} <> {escaped} THEN 1 ELSE 0 END)"


def _missing(before: Holdings, after: Holdings) -> tuple[Loss, ...]:
    """Of a table that loses rows its rows, and not its columns as well."""
    lost: list[Loss] = []
    for (table, column), count in sorted(before.items(), key=lambda each: (each[0][0], each[0][1] or "")):
        rows = before[table, None] - after.get((table, None), 0)
        gone = rows if column is None else count if (table, column) not in after and rows == 0 else 0
        if gone > 0:
            lost.append(Loss(table, column, gone))
    return tuple(lost)


def _refusal(to: str, lost: tuple[Loss, ...]) -> str:
    named = ", ".join(map(str, lost[:_NAMED]))
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return (
        f"Schema {to} has no place for {named}{more}; nothing was changed. "
        "Make a backup (dragoman backup create), then say --lose-data to go back without them."
    )

"""What a tenant used, summed by the database. One report is in one currency: two are never added."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, distinct, func, select

from app.ledger.money import NANOS, format_nanos, per_million
from app.ledger.rows import microseconds
from app.ledger.tables import entries, lines
from app.storage.engine import Database

GroupBy = Literal["day", "pair", "model"]
Scope = list[ColumnElement[bool]]

_DAY = 86_400 * 1_000_000  # microseconds
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
_REPORTED = (
    "characters", "billed_characters", "unchanged_characters", "cached_characters", "failed_characters",
    "segments", "cached_segments", "source_tokens", "target_tokens", "compute_ns", "price_nanos",
    "cost_nanos",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UsageRow:
    """By pair and by model the money of a row is its share of each entry; the rows' sums are the totals."""

    key: str
    requests: int
    """Entries with a part in this row; one may be in several pairs or models."""

    characters: int
    billed_characters: int
    unchanged_characters: int
    cached_characters: int
    failed_characters: int
    segments: int
    cached_segments: int
    source_tokens: int
    target_tokens: int
    compute_ns: int
    price_nanos: int
    cost_nanos: int

    @property
    def translated_characters(self) -> int:
        return self.characters - self.unchanged_characters - self.failed_characters

    @property
    def price_per_million(self) -> Decimal | None:
        return per_million(self.price_nanos, self.characters)

    @property
    def cost_per_million(self) -> Decimal | None:
        """Measured cost over all characters sent, in units of the currency."""
        return per_million(self.cost_nanos, self.characters)


@dataclass(frozen=True, slots=True)
class UsageReport:
    tenant: str
    currency: str
    since: date | None
    until: date | None
    group_by: GroupBy | None
    totals: UsageRow
    rows: tuple[UsageRow, ...]
    """In order of day, or of characters, most first; () without grouping."""

    other_currencies: tuple[str, ...]
    """Of entries in the same period that this report leaves out."""


def usage(
    database: Database,
    *,
    tenant: str,
    currency: str,
    since: date | None = None,
    until: date | None = None,
    group_by: GroupBy | None = None,
) -> UsageReport:
    """Both dates are UTC days and included."""
    period = [entries.c.tenant == tenant, *_within(since, until)]
    scope = [*period, entries.c.currency == currency]
    with database.read() as connection:
        return UsageReport(
            tenant=tenant,
            currency=currency,
            since=since,
            until=until,
            group_by=group_by,
            totals=_totals(connection, scope),
            rows=_rows(connection, scope, group_by),
            other_currencies=_others(connection, period, currency),
        )


def headline(report: UsageReport) -> str:
    """The programme's own sentence. Its cost is the measured one: what the machine's time came to."""
    totals = report.totals
    return (
        f"{totals.translated_characters:,} characters of text translated {_period(report)}, "
        f"for a total cost of {_amount(totals.cost_nanos, report.currency)} in measured compute "
        f"(price charged: {_amount(totals.price_nanos, report.currency)})"
    )


def _within(since: date | None, until: date | None) -> Scope:
    bounds: Scope = []
    if since is not None:
        bounds.append(entries.c.created_at >= _midnight(since))
    if until is not None:
        bounds.append(entries.c.created_at < _midnight(until) + _DAY)
    return bounds


def _midnight(day: date) -> int:
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _totals(connection: Connection, scope: Scope) -> UsageRow:
    query = select(func.count().label("requests"), *_sums(entries)).where(*scope)
    return _row("total", connection.execute(query).mappings().one())


def _rows(connection: Connection, scope: Scope, group_by: GroupBy | None) -> tuple[UsageRow, ...]:
    if group_by is None:
        return ()
    query = _by_day() if group_by == "day" else _by_line(_LINE_KEYS[group_by])
    found = connection.execute(query.where(*scope)).mappings()
    return tuple(_row(_KEYS[group_by](row), row) for row in found)


def _by_day() -> Select[Any]:
    day = (entries.c.created_at // _DAY).label("day")
    return select(day, func.count().label("requests"), *_sums(entries)).group_by("day").order_by("day")


def _by_line(keys: tuple[str, ...]) -> Select[Any]:
    columns = [lines.c[key] for key in keys]
    requests = func.count(distinct(lines.c.entry_id)).label("requests")
    return (
        select(*columns, requests, *_sums(lines))
        .select_from(lines.join(entries))
        .group_by(*columns)
        .order_by(func.sum(lines.c.characters).desc(), *columns)
    )


def _others(connection: Connection, period: Scope, currency: str) -> tuple[str, ...]:
    query = select(entries.c.currency).distinct().where(*period, entries.c.currency != currency)
    return tuple(connection.scalars(query.order_by(entries.c.currency)))


def _sums(table: Table) -> list[ColumnElement[int]]:
    return [func.coalesce(func.sum(table.c[name]), 0).label(name) for name in _REPORTED]


def _row(key: str, row: RowMapping) -> UsageRow:
    # PostgreSQL sums its integers into decimals; they are whole
    return UsageRow(key=key, requests=row["requests"], **{name: int(row[name]) for name in _REPORTED})


_LINE_KEYS: dict[GroupBy, tuple[str, ...]] = {"pair": ("source", "target"), "model": ("models",)}
_KEYS: dict[GroupBy, Callable[[RowMapping], str]] = {
    "day": lambda row: date.fromordinal(_EPOCH_DAY + row["day"]).isoformat(),
    "pair": lambda row: f"{row['source']}-{row['target']}",
    "model": lambda row: "+".join(json.loads(row["models"])) or "none",
}


def _period(report: UsageReport) -> str:
    until = f"to {report.until.isoformat()}" if report.until else "to date"
    return f"from {report.since.isoformat()} {until}" if report.since else until


def _amount(nanos: int, currency: str) -> str:
    """Pounds and pence; below a pound, enough places for two digits that say something."""
    amount = Decimal(format_nanos(nanos))
    places = max(2, 1 - amount.adjusted()) if 0 < nanos < NANOS else 2
    return f"{_SYMBOLS.get(currency, currency + ' ')}{amount:,.{min(places, 9)}f}"

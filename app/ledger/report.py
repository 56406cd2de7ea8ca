"""What was used, summed by the database from its roll-ups. One report is in one currency: two are never added."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, select

from app.ledger.counting import Counts
from app.ledger.idle import Months, idle_rates, idle_shares
from app.ledger.money import per_million
from app.ledger.tables import COUNTED, rollups
from app.storage.engine import Database

GroupBy = Literal["day", "month", "tenant", "key", "cost_centre", "pair", "model", "job"]
Scope = list[ColumnElement[bool]]

NONE = "none"
"""Key of what came without a key, cost centre or job, and of what no model did."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()
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
    idle_nanos: int
    """Its share of what the machines cost while they waited, by engine time, month by month; not in `cost_nanos`."""

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

    @property
    def unchanged_share(self) -> float:
        """Of the characters sent, 0 to 1."""
        return self.unchanged_characters / self.characters if self.characters else 0.0

    @property
    def cached_share(self) -> float:
        """Of the characters sent, those answered without the engine."""
        return self.cached_characters / self.characters if self.characters else 0.0


@dataclass(frozen=True, slots=True)
class Section:
    group_by: GroupBy
    rows: tuple[UsageRow, ...]
    """In order of time, or of characters, most first."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One month's texts in every vendor's unit."""

    month: str
    same_language: bool
    """Those that were in the target language already."""

    counts: Counts


@dataclass(frozen=True, slots=True)
class UsageReport:
    tenant: str | None
    """None: every tenant's."""

    currency: str
    since: date | None
    until: date | None
    totals: UsageRow
    sections: tuple[Section, ...]
    sent: tuple[Sent, ...]
    other_currencies: tuple[str, ...]
    """Of entries in the same period that this report leaves out."""

    @property
    def group_by(self) -> GroupBy | None:
        """Of the first section."""
        return self.sections[0].group_by if self.sections else None

    @property
    def rows(self) -> tuple[UsageRow, ...]:
        """Of the first section; () without one."""
        return self.sections[0].rows if self.sections else ()


def usage(
    database: Database,
    *,
    tenant: str | None,
    currency: str,
    since: date | None = None,
    until: date | None = None,
    group_by: GroupBy | None = None,
    groups: Sequence[GroupBy] = (),
) -> UsageReport:
    """Both dates are UTC days and included. `groups`: further sections, all of the same moment."""
    mine = [] if tenant is None else [rollups.c.tenant == tenant]
    period = [*mine, *_within(since, until)]
    scope = [*period, rollups.c.currency == currency]
    wanted = ([group_by] if group_by else []) + [group for group in groups if group != group_by]
    with database.read() as connection:
        rates = idle_rates(connection, scope, currency)
        return UsageReport(
            tenant=tenant,
            currency=currency,
            since=since,
            until=until,
            totals=_totals(connection, scope, rates),
            sections=tuple(Section(group, _rows(connection, scope, rates, group)) for group in wanted),
            sent=_sent(connection, scope),
            other_currencies=_others(connection, period, currency),
        )


def summed(key: str, rows: Iterable[UsageRow]) -> UsageRow:
    """`requests` of rows that share entries counts those several times."""
    found = list(rows)
    names = (field.name for field in fields(UsageRow) if field.name != "key")
    return UsageRow(key, **{name: sum(getattr(row, name) for row in found) for name in names})


def _within(since: date | None, until: date | None) -> Scope:
    bounds: Scope = []
    if since is not None:
        bounds.append(rollups.c.day >= since.toordinal() - _EPOCH_DAY)
    if until is not None:
        bounds.append(rollups.c.day <= until.toordinal() - _EPOCH_DAY)
    return bounds


def _totals(connection: Connection, scope: Scope, rates: Months) -> UsageRow:
    query = select(*_sums("requests")).where(*scope)
    idle = idle_shares(connection, scope, [], rates)
    return _row("total", connection.execute(query).mappings().one(), idle.get((), 0))


def _rows(connection: Connection, scope: Scope, rates: Months, group_by: GroupBy) -> tuple[UsageRow, ...]:
    if group_by == "month":
        return _months(_rows(connection, scope, rates, "day"))
    columns = [rollups.c[name] for name in _COLUMNS[group_by]]
    query = select(*columns, *_sums(_REQUESTS.get(group_by, "requests"))).where(*scope).group_by(*columns)
    if group_by in _REQUESTS:
        query = query.where(rollups.c.target != "")  # of entries without lines
    order = [] if group_by == "day" else [func.sum(rollups.c.characters).desc()]
    found = connection.execute(query.order_by(*order, *columns)).mappings()
    idle = idle_shares(connection, scope, columns, rates)
    names = _COLUMNS[group_by]
    return tuple(_row(_key(group_by, row), row, idle[tuple(row[name] for name in names)]) for row in found)


def _months(days: Iterable[UsageRow]) -> tuple[UsageRow, ...]:
    found: defaultdict[str, list[UsageRow]] = defaultdict(list)
    for day in days:
        found[day.key[:7]].append(day)
    return tuple(summed(month, rows) for month, rows in found.items())


def _sent(connection: Connection, scope: Scope) -> tuple[Sent, ...]:
    same = case((rollups.c.source == rollups.c.target, 1), else_=0).label("same")
    counted = [func.sum(rollups.c[name]).label(name) for name in COUNTED]
    query = select(rollups.c.day, same, *counted).where(*scope).group_by(rollups.c.day, "same")
    found: defaultdict[tuple[str, bool], Counts] = defaultdict(Counts)
    for row in connection.execute(query).mappings():
        month = _key("day", row)[:7]
        found[month, bool(row["same"])] += Counts(**{name: int(row[name]) for name in COUNTED})
    return tuple(Sent(month, same, counts) for (month, same), counts in sorted(found.items()))


def _others(connection: Connection, period: Scope, currency: str) -> tuple[str, ...]:
    query = select(rollups.c.currency).distinct().where(*period, rollups.c.currency != currency)
    return tuple(connection.scalars(query.order_by(rollups.c.currency)))


def _sums(requests: str) -> list[ColumnElement[int]]:
    """`requests`: the counter of REQUESTED that suits the grouping."""
    columns = {"requests": rollups.c[requests], **{name: rollups.c[name] for name in _REPORTED}}
    return [func.coalesce(func.sum(column), 0).label(name) for name, column in columns.items()]


def _row(key: str, row: RowMapping, idle_nanos: int) -> UsageRow:
    # PostgreSQL sums its integers into decimals; they are whole
    figures = {name: int(row[name]) for name in ("requests", *_REPORTED)}
    return UsageRow(key=key, idle_nanos=idle_nanos, **figures)


def _key(group_by: GroupBy, row: RowMapping) -> str:
    if group_by == "day":
        return date.fromordinal(_EPOCH_DAY + row["day"]).isoformat()
    if group_by == "pair":
        return f"{row['source']}-{row['target']}"
    if group_by == "model":
        return "+".join(json.loads(row["models"])) or NONE
    return row[_COLUMNS[group_by][0]] or NONE


_COLUMNS: dict[GroupBy, tuple[str, ...]] = {
    "day": ("day",),
    "tenant": ("tenant",),
    "key": ("key_id",),
    "cost_centre": ("cost_centre",),
    "pair": ("source", "target"),
    "model": ("models",),
    "job": ("job",),
}
_REQUESTS: dict[GroupBy, str] = {"pair": "pair_requests", "model": "model_requests"}

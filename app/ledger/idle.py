"""Whose idle machine time is: each month's idle cost, by a report's part of that month's engine time."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, func, select

from app.ledger.costmodel import idle_rate
from app.ledger.tables import rollups

_EPOCH_DAY = date(1970, 1, 1).toordinal()

Months = Mapping[date, Fraction]
"""Idle nano-units a nanosecond of engine time, by a month's first day."""


def idle_rates(connection: Connection, scope: list[ColumnElement[bool]], currency: str) -> Months:
    """Of the months that have entries in `scope`; other tenants' use of a month counts, whatever the scope."""
    days = connection.scalars(select(rollups.c.day).distinct().where(*scope))
    months = {_month(day) for day in days}
    return {month: idle_rate(connection, month, currency) for month in sorted(months)}


def idle_shares(
    connection: Connection, scope: list[ColumnElement[bool]], columns: list[Column[Any]], rates: Months
) -> dict[Hashable, int]:
    """Nano-units, by the values of `columns`; to the nearest, so that rows may differ from their total by a few."""
    query = select(*columns, rollups.c.day, func.sum(rollups.c.compute_ns))
    found: defaultdict[Hashable, Fraction] = defaultdict(Fraction)
    for *values, day, compute_ns in connection.execute(query.where(*scope).group_by(*columns, rollups.c.day)):
        found[tuple(values)] += rates[_month(day)] * int(compute_ns)
    return {values: round(share) for values, share in found.items()}


def _month(day: int) -> date:
    return date.fromordinal(_EPOCH_DAY + day).replace(day=1)

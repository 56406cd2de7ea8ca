"""What a month's machine time cost and who bears it: used time as measured, the rest by share of use."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection, func, select

from app.ledger.machine import HOUR
from app.ledger.money import NANOS, apportion
from app.ledger.tables import machine_hours, rollups
from app.storage.engine import Database

_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class MachineUse:
    """Of all processes with the same machine, threads and rate."""

    machine: str
    processes: int
    threads: int
    rate_per_hour: Decimal
    up_ns: int
    busy_ns: int
    """Of engine threads; up to `threads` times `up_ns`."""

    @property
    def idle_ns(self) -> int:
        return max(0, self.up_ns * self.threads - self.busy_ns)

    @property
    def cost_nanos(self) -> int:
        return round(self.up_ns * Fraction(self.rate_per_hour) * NANOS / HOUR)

    @property
    def busy_nanos(self) -> int:
        return min(self.cost_nanos, round(self.busy_ns * self._thread_rate))

    @property
    def idle_nanos(self) -> int:
        """The rest of the cost, so that the two are the whole."""
        return self.cost_nanos - self.busy_nanos

    @property
    def _thread_rate(self) -> Fraction:
        """Nano-units a nanosecond of a thread."""
        return Fraction(self.rate_per_hour) * NANOS / (HOUR * self.threads)


@dataclass(frozen=True, slots=True)
class TenantShare:
    tenant: str
    compute_ns: int
    """Engine-thread time in the ledger."""
    cost_nanos: int
    """Its measured cost, as charged."""
    unserved_nanos: int
    """Its share of busy time that is in no entry: work whose caller had gone, that failed, that warmed a model."""
    idle_nanos: int
    """Its share of idle time."""


@dataclass(frozen=True, slots=True)
class CostModel:
    month: date
    """Its first day."""
    currency: str
    machines: tuple[MachineUse, ...]
    shares: tuple[TenantShare, ...]
    """Most compute first."""

    @property
    def cost_nanos(self) -> int:
        return sum(each.cost_nanos for each in self.machines)

    @property
    def busy_nanos(self) -> int:
        return sum(each.busy_nanos for each in self.machines)

    @property
    def idle_nanos(self) -> int:
        return sum(each.idle_nanos for each in self.machines)

    @property
    def charged_nanos(self) -> int:
        return sum(each.cost_nanos for each in self.shares)

    @property
    def unserved_nanos(self) -> int:
        return max(0, self.busy_nanos - self.charged_nanos)


def cost_model(database: Database, *, month: date, currency: str) -> CostModel:
    """Of the calendar month (UTC) that `month` is in."""
    first = month.replace(day=1)
    with database.read() as connection:
        machines = _machines(connection, first, currency)
        used = _used(connection, first, currency)
    alone = CostModel(first, currency, machines, tuple(TenantShare(*each, 0, 0) for each in used))
    weights = [compute_ns for _, compute_ns, _ in used]
    shares = zip(
        used, _shared(alone.unserved_nanos, weights), _shared(alone.idle_nanos, weights), strict=True
    )
    return CostModel(
        first, currency, machines, tuple(TenantShare(*each, rest, idle) for each, rest, idle in shares)
    )


def idle_rate(connection: Connection, month: date, currency: str) -> Fraction:
    """Idle nano-units for each nanosecond of engine time in `month`'s entries; 0 where nobody used anything."""
    used = sum(compute_ns for _, compute_ns, _ in _used(connection, month, currency))
    idle = sum(each.idle_nanos for each in _machines(connection, month, currency))
    return Fraction(idle, used) if used > 0 else Fraction(0)


def following(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _shared(total: int, weights: Sequence[int]) -> list[int]:
    """Of a month in which nobody used anything, nobody bears anything."""
    return apportion(total, weights) if any(weights) else [0] * len(weights)


def _machines(connection: Connection, first: date, currency: str) -> tuple[MachineUse, ...]:
    since, until = (24 * (day.toordinal() - _EPOCH_DAY) for day in (first, following(first)))
    table = machine_hours.c
    here = (table.hour >= since, table.hour < until, table.currency == currency)
    up: Counter[tuple[str, int, str]] = Counter()
    busy: Counter[tuple[str, int, str]] = Counter()
    processes: dict[tuple[str, int, str], set[str]] = {}
    for row in connection.execute(select(machine_hours).where(*here)):
        key = (row.machine, row.threads, row.rate_per_hour)
        up[key] += row.up_ns
        busy[key] += row.busy_ns
        processes.setdefault(key, set()).add(row.process)
    return tuple(
        MachineUse(key[0], len(processes[key]), key[1], Decimal(key[2]), up[key], busy[key])
        for key in sorted(processes)
    )


def _used(connection: Connection, first: date, currency: str) -> list[tuple[str, int, int]]:
    """Tenant, compute and cost, most compute first."""
    since, until = (day.toordinal() - _EPOCH_DAY for day in (first, following(first)))
    table = rollups.c
    compute = func.sum(table.compute_ns)
    query = (
        select(table.tenant, compute, func.sum(table.cost_nanos))
        .where(table.day >= since, table.day < until, table.currency == currency)
        .group_by(table.tenant)
        .order_by(compute.desc(), table.tenant)
    )
    # PostgreSQL sums its integers into decimals; they are whole
    return [(tenant, int(used), int(cost)) for tenant, used, cost in connection.execute(query)]

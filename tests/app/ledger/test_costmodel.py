"""Machine time hour by hour, and a month of it down to the last nano-unit."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.errors import StorageError
from app.ledger.costmodel import CostModel, cost_model, following
from app.ledger.machine import HOUR, Machine, MachineTime, spread
from app.ledger.report import usage
from app.ledger.store import Ledger
from app.ledger.tables import machine_hours
from app.runtime import open_runtime
from app.storage.engine import Database
from tests.app.ledger.examples import NOON, entry, line, postings
from tests.databases import Place

MACHINE = Machine(2, Decimal("0.08"), "GBP", "there")
MARCH = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 10**9
moments = st.integers(0, 5 * HOUR)


class Clock:
    def __init__(self, now: int) -> None:
        self.now, self.busy = now, 0


def kept(database: Database, clock: Clock) -> MachineTime:
    return MachineTime(database, MACHINE, busy=lambda: clock.busy, clock=lambda: clock.now)


def hours(database: Database) -> list[tuple[int, int, int]]:
    table = machine_hours.c
    with database.read() as connection:
        query = select(table.hour, table.up_ns, table.busy_ns).order_by(table.hour)
        return [(row.hour, row.up_ns, row.busy_ns) for row in connection.execute(query)]


@given(moments, moments, st.integers(0, 10**15))
def test_time_is_spread_over_its_hours(since: int, length: int, busy: int) -> None:
    parts = spread(since, since + length, busy)
    assert sum(up for _, up, _ in parts) == length
    assert sum(worked for _, _, worked in parts) == busy
    assert all(0 <= up <= HOUR and worked >= 0 for _, up, worked in parts)
    assert [hour for hour, _, _ in parts] == list(range(since // HOUR, since // HOUR + len(parts)))


def test_hours_are_written_as_they_pass(database: Database) -> None:
    clock = Clock(MARCH + HOUR // 2)
    time = kept(database, clock)
    clock.now, clock.busy = MARCH + HOUR, HOUR // 2
    time.write()
    clock.now, clock.busy = MARCH + 2 * HOUR, HOUR
    time.write()
    clock.now += HOUR // 4
    time.write()
    first = MARCH // HOUR
    assert hours(database) == [
        (first, HOUR // 2, HOUR // 2),
        (first + 1, HOUR, HOUR // 2),
        (first + 2, HOUR // 4, 0),
    ]


def test_a_clock_set_back_stands_still(database: Database) -> None:
    clock = Clock(MARCH + HOUR)
    time = kept(database, clock)
    clock.now, clock.busy = MARCH, 5
    time.write()
    assert hours(database) == [(MARCH // HOUR + 1, 0, 5)]


def test_what_could_not_be_written_is_written_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(MARCH)
    time = kept(database, clock)
    clock.now += HOUR
    with monkeypatch.context() as patch:

        def refuse() -> None:
            raise StorageError("The disk is full.")

        patch.setattr(database, "transaction", refuse)
        time.write()
    clock.now += HOUR // 2
    time.write()
    assert [up for _, up, _ in hours(database)] == [HOUR, HOUR // 2]


def a_month(database: Database) -> CostModel:
    clock = Clock(MARCH)
    time = kept(database, clock)
    clock.now, clock.busy = MARCH + 10 * HOUR, 8 * HOUR
    time.write()
    Ledger(database).append_many(
        postings(
            entry("a", line(compute_ns=3 * HOUR), cost_nanos=120_000_000),
            entry("b", line(compute_ns=HOUR), cost_nanos=40_000_000, tenant="other"),
            entry("c", line(compute_ns=0), cost_nanos=0, tenant="guest"),
            entry("d", cost_nanos=7, created_at=datetime(2026, 4, 1, tzinfo=UTC)),
            entry("e", currency="EUR"),
        )
    )
    return cost_model(database, month=date(2026, 3, 17), currency="GBP")


def test_a_month_is_shared_to_the_last_nano(database: Database) -> None:
    found = a_month(database)
    (machine,) = found.machines
    assert (machine.up_ns, machine.busy_ns, machine.idle_ns) == (10 * HOUR, 8 * HOUR, 12 * HOUR)
    assert (found.cost_nanos, found.busy_nanos, found.idle_nanos) == (800_000_000, 320_000_000, 480_000_000)
    assert (found.charged_nanos, found.unserved_nanos) == (160_000_000, 160_000_000)
    assert [(each.tenant, each.unserved_nanos, each.idle_nanos) for each in found.shares] == [
        ("tenant", 120_000_000, 360_000_000),
        ("other", 40_000_000, 120_000_000),
        ("guest", 0, 0),
    ]
    borne = sum(each.cost_nanos + each.unserved_nanos + each.idle_nanos for each in found.shares)
    assert borne == found.cost_nanos


def test_reports_show_whose_idle_time_it_was(database: Database) -> None:
    a_month(database)
    everyone = usage(
        database, tenant=None, currency="GBP", group_by="tenant", groups=("month", "day", "pair")
    )
    tenants, months, days, pairs = everyone.sections
    assert {row.key: row.idle_nanos for row in tenants.rows} == {
        "tenant": 360_000_000,
        "other": 120_000_000,
        "guest": 0,
    }
    # April has an entry and no machine time written down.
    assert {row.key: row.idle_nanos for row in months.rows} == {"2026-03": 480_000_000, "2026-04": 0}
    assert [sum(row.idle_nanos for row in each.rows) for each in (days, pairs)] == [480_000_000] * 2
    assert everyone.totals.idle_nanos == 480_000_000
    alone = usage(database, tenant="other", currency="GBP")
    assert alone.totals.idle_nanos == 120_000_000
    until_march_began = usage(database, tenant=None, currency="GBP", until=date(2026, 2, 28))
    assert until_march_began.totals.idle_nanos == 0


def test_an_empty_month(database: Database) -> None:
    found = cost_model(database, month=NOON.date(), currency="GBP")
    assert (found.machines, found.shares, found.cost_nanos) == ((), (), 0)


def test_the_month_after() -> None:
    assert following(date(2026, 12, 1)) == date(2027, 1, 1)
    assert following(date(2026, 1, 1)) == date(2026, 2, 1)


async def test_a_running_service_keeps_its_time(place: Place, database: Database) -> None:
    async with open_runtime(place.settings(preload=False, threads=2)) as running:
        running.telemetry.busy_ns += 1_000
        await asyncio.sleep(0)
    with database.read() as connection:
        rows = connection.execute(select(machine_hours)).all()
    assert sum(row.busy_ns for row in rows) == 1_000
    assert all(row.up_ns > 0 and row.threads == 2 and row.currency == "GBP" for row in rows)

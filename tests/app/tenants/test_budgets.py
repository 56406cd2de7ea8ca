"""Budgets: whatever is asked at once and whatever becomes of it, never more than there is, and all of it."""

import asyncio
import uuid
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.errors import BudgetExceeded
from app.ledger.entry import LedgerEntry
from app.ledger.money import NANOS, price_nanos
from app.ledger.pricelists import add_list
from app.ledger.prices import PriceList, parse_tiers
from app.ledger.rows import microseconds
from app.ledger.store import Ledger, Rider
from app.storage.database import Database
from app.tenants.budgets import Budgets
from app.tenants.directory import Directory
from app.tenants.reservations import SKEW, Claim, Rate, dearest, month_days, reserve, settle, standing
from app.tenants.tables import reservations
from app.tenants.tenant import Budget
from tests.app.ledger.examples import entry, line
from tests.databases import SqlitePlaces

RATE = Rate(Decimal(10), "GBP")


def charge(characters: int, *, tenant: str = "north") -> LedgerEntry:
    price = price_nanos(characters, price_per_million=RATE.per_million)
    billed = line(characters=characters)
    return entry(str(uuid.uuid4()), billed, tenant=tenant, created_at=datetime.now(UTC), price_nanos=price)


class Till:
    """A process with budgets, and the ledger that it charges to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.budgets = Budgets(database, RATE)
        self.ledger = Ledger(database)

    async def work(self, characters: int, *, billed: int | None = None) -> bool:
        """Whether it was let in, worked and charged."""
        try:
            async with self.budgets.held("north", characters, seconds=30) as riders:
                await asyncio.sleep(0)
                done = charge(characters if billed is None else billed)
                await asyncio.to_thread(self.ledger.append, done, riders=riders)
        except BudgetExceeded:
            return False
        return True

    def used(self) -> tuple[int, int]:
        with self.database.read() as connection:
            found = standing(connection, "north", currency="GBP", now=datetime.now(UTC))
        return found.characters, found.price_nanos

    def reserved(self) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(reservations)).scalar_one()


@pytest.fixture
def till(database: Database) -> Till:
    return Till(database)


def north(database: Database, **budget: object) -> None:
    Directory(database).create_tenant("north", budget=Budget(**budget))  # type: ignore[arg-type]


async def test_two_hundred_at_once_use_all_and_no_more(till: Till) -> None:
    north(till.database, characters=1_000)
    passed = await asyncio.gather(*(till.work(10) for _ in range(200)))
    assert sum(passed) == 100
    assert till.used()[0] == 1_000
    assert till.reserved() == 0
    await till.budgets.close()


async def test_two_processes_at_once(database: Database) -> None:
    north(database, characters=1_000)
    tills = [Till(database), Till(database)]
    passed = await asyncio.gather(*(tills[number % 2].work(10) for number in range(200)))
    assert sum(passed) == 100
    assert tills[0].used()[0] == 1_000
    for each in tills:
        await each.budgets.close()


async def test_money(till: Till) -> None:
    north(till.database, price_nanos=NANOS // 100)  # a penny: 1,000 characters at 10 a million
    assert await till.work(600)
    assert not await till.work(401)
    assert await till.work(400)
    assert not await till.work(1)
    assert till.used() == (1_000, NANOS // 100)
    await till.budgets.close()


async def test_money_by_price_list(till: Till) -> None:
    """The dearest price that could apply is reserved."""
    now = datetime.now(UTC)
    made = PriceList("p", now, None, None, "GBP", now, None, parse_tiers(["40"]))
    add_list(till.database, made)
    north(till.database, price_nanos=NANOS // 100)
    assert not await till.work(250)  # 40 a million, and a nano-unit for rounding
    assert await till.work(249)
    await till.budgets.close()


def test_a_request_by_several_lists_may_round_up_at_each(database: Database) -> None:
    """Half a nano-unit a character: the second character of a list costs one, so four of four lists cost four."""
    now = datetime.now(UTC)
    for number, source in enumerate(("pt", "hu", "fr", "de")):
        pair = (source, "en")
        add_list(
            database, PriceList(f"p{number}", now, None, pair, "GBP", now, None, parse_tiers(["0.0005"]))
        )
    with database.read() as connection:
        assert dearest(connection, Claim("id", "north", 4, 0), Rate(Decimal(0), "GBP")) >= 4


async def test_what_comes_to_nothing_is_given_back(till: Till) -> None:
    north(till.database, characters=100)
    for _ in range(5):
        with pytest.raises(LookupError):
            async with till.budgets.held("north", 100):
                raise LookupError
        await till.budgets.close()
        till.budgets = Budgets(till.database, RATE)
    assert till.reserved() == 0
    assert await till.work(100)
    await till.budgets.close()


async def test_what_is_billed_less_leaves_more(till: Till) -> None:
    north(till.database, characters=100)
    assert await till.work(100, billed=30)
    assert await till.work(70)
    assert not await till.work(1)
    await till.budgets.close()


async def test_the_reservation_of_a_dead_process_ends(database: Database) -> None:
    north(database, characters=100)
    now = datetime.now(UTC)
    claim = Claim("dead", "north", 100, microseconds(now + timedelta(seconds=10)))
    assert reserve(database, [claim], rate=RATE, now=now)[0] == [None]
    other = replace(claim, id="other", expires_at=microseconds(now + timedelta(days=1)))
    (refused,), _ = reserve(database, [other], rate=RATE, now=now + timedelta(seconds=10))
    assert "100 characters are under way" in str(refused)
    later = now + timedelta(seconds=11) + timedelta(microseconds=SKEW)
    assert reserve(database, [other], rate=RATE, now=later)[0] == [None]


async def test_work_after_its_time_is_charged_only_if_there_is_room(till: Till) -> None:
    database = till.database
    north(database, characters=100)
    now = datetime.now(UTC)
    late = Claim("late", "north", 100, microseconds(now - timedelta(hours=1)))

    def rider(claim: Claim) -> Rider:
        return lambda connection, _: settle(connection, claim, rate=RATE, now=datetime.now(UTC))

    other = replace(late, id="other", expires_at=microseconds(now + timedelta(days=1)))
    assert reserve(database, [other], rate=RATE, now=now)[0] == [None]
    with pytest.raises(BudgetExceeded):
        till.ledger.append(charge(100), riders=[rider(late)])
    assert till.used() == (0, 0)
    till.ledger.append(charge(100), riders=[rider(other)])
    assert till.used()[0] == 100


async def test_a_repeat_of_what_was_charged_needs_no_room(till: Till) -> None:
    north(till.database, characters=100)
    done = replace(charge(100), idempotency_key="mine")
    async with till.budgets.held("north", 100, key="mine") as riders:
        till.ledger.append(done, riders=riders)
    async with till.budgets.held("north", 100, key="mine") as riders:
        assert till.ledger.append(done, riders=riders).duplicate
    with pytest.raises(BudgetExceeded):
        async with till.budgets.held("north", 100, key="other"):
            pass
    assert till.used()[0] == 100
    await till.budgets.close()


async def test_a_soft_budget_refuses_nothing_and_says_so(database: Database) -> None:
    north(database, characters=100, hard=False)
    heard: list[str] = []
    budgets = Budgets(database, RATE, heard=heard.append)
    for characters, warning in ((79, False), (1, True), (20, True), (50, True)):
        async with budgets.held("north", characters) as riders:
            assert riders == ()
        assert (budgets.warning("north") is not None) == warning
    assert heard == ["over"]
    assert budgets.warning("north") == "characters;used=150;limit=100"
    await budgets.close()


async def test_a_tenant_without_budget_writes_nothing(till: Till) -> None:
    Directory(till.database).create_tenant("north")
    async with till.budgets.held("north", 10**9) as riders:
        assert riders == ()
    assert till.reserved() == 0
    assert till.budgets.warning("north") is None
    await till.budgets.close()


async def test_last_month_is_over(till: Till) -> None:
    north(till.database, characters=100)
    first, _ = month_days(datetime.now(UTC))
    before = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=first, microseconds=-1)
    till.ledger.append(replace(charge(100), created_at=before))
    assert till.used() == (0, 0)
    assert await till.work(100)
    await till.budgets.close()


@pytest.mark.parametrize(
    ("day", "length"), [("2026-12-31", 31), ("2028-02-29", 29), ("2027-02-01", 28), ("2026-01-01", 31)]
)
def test_months(day: str, length: int) -> None:
    first, end = month_days(datetime.fromisoformat(day).replace(tzinfo=UTC))
    assert end - first == length


WORK = st.lists(
    st.tuples(st.integers(1, 60), st.sampled_from(["charge", "less", "fail", "cancel"])), max_size=25
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(work=WORK, most=st.integers(0, 200))
def test_never_more_than_there_is_and_nothing_refused_that_fits(
    work: list[tuple[int, str]], most: int
) -> None:
    with SqlitePlaces().fresh() as place:
        database = place.open()
        north(database, characters=most)
        asyncio.run(_all(Till(database), work, most))
        database.close()


async def _all(till: Till, work: list[tuple[int, str]], most: int) -> None:
    async def one(characters: int, fate: str) -> None:
        async with AsyncExitStack() as stack:
            try:
                riders = await stack.enter_async_context(till.budgets.held("north", characters))
            except BudgetExceeded:
                return
            if fate == "fail":
                raise LookupError
            if fate == "cancel":
                raise asyncio.CancelledError
            billed = characters if fate == "charge" else characters // 2
            await asyncio.to_thread(till.ledger.append, charge(billed), riders=riders)

    await asyncio.gather(*(one(*each) for each in work), return_exceptions=True)
    await till.budgets.close()
    till.budgets = Budgets(till.database, RATE)
    used = till.used()[0]
    assert used <= most
    assert till.reserved() == 0
    assert await till.work(most - used) if most > used else not await till.work(1)
    await till.budgets.close()


async def test_a_changed_budget_counts_at_once_where_room_is_reserved(till: Till) -> None:
    north(till.database, characters=10)
    assert not await till.work(11)
    Directory(till.database).change_tenant("north", budget=Budget(characters=11))
    assert await till.work(11)
    with till.database.transaction() as connection:
        connection.execute(update(reservations).values(expires_at=0))
    await till.budgets.close()

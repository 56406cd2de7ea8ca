"""Budgets around the work: room is reserved before it, given back if it comes to nothing, settled with its charge.

Reservations that arrive while one transaction is written go into the next together. Tenants without a budget cost a
look into memory. A soft budget reserves nothing: it is looked at every two seconds, and what goes over is said.
"""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from app.errors import BudgetExceeded, DragomanError, StorageError
from app.ledger.money import format_nanos
from app.ledger.rows import microseconds
from app.ledger.store import Recorded, Rider
from app.storage.database import Database
from app.tenants.reservations import Claim, Rate, Standing, budget_of, release, reserve, settle, standing
from app.tenants.tenant import Budget
from models.fault import place

log = logging.getLogger("dragoman")

FRESH = 2.0
"""Seconds for which what is known of a tenant's budget needs no second look, where none is reserved."""

STALE = 5.0
"""Seconds after which it is not used: so long does a change of budget take to be heard of here."""

MOST = 256
"""Claims in one transaction."""

LONGEST = 3_600.0
"""Seconds that work without a time limit of its own may take."""

SPARE = 60.0
"""Seconds that work may go on after its time limit: checks, the ledger."""

WARN = 0.8
"""Share of a budget from which it is said."""

Event = Literal["refused", "over"]


@dataclass(frozen=True, slots=True)
class _Known:
    standing: Standing
    looked: float


@dataclass(frozen=True, slots=True)
class _Waiting:
    claim: Claim
    future: "asyncio.Future[None]"


class Budgets:
    """Lives on one event loop. `heard` is told of each refusal and of each request that goes over a soft budget."""

    def __init__(
        self,
        database: Database,
        rate: Rate,
        *,
        heard: Callable[[Event], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._rate = rate
        self._heard = heard
        self._clock = clock
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="budgets")
        self._known: dict[str, _Known] = {}
        self._pending: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._returned: list[str] = []
        self._returning: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def held(
        self, tenant: str, characters: int, *, key: str | None = None, seconds: float | None = None
    ) -> AsyncIterator[Sequence[Rider]]:
        """Room for `characters` of work; the riders are to settle it with its charge, within `seconds`.

        `key`: what it will be charged under; what was charged before needs no room.
        Raises BudgetExceeded, StorageError. Leaving by an exception gives the room back.
        """
        budget = await self._budget(tenant)
        if not budget or not budget.hard:
            yield ()
            if budget:
                self._count(tenant, characters)
            return
        claim = _claim(tenant, characters, key, seconds)
        try:
            await self._reserved(claim)
            yield (self._rider(claim),)
        except BaseException as error:
            if not isinstance(error, BudgetExceeded):
                self._give_back(claim)
            raise

    def month(self, tenant: str) -> Standing:
        """What the month has used, and of how much, now. Blocking."""
        with self._database.read() as connection:
            return standing(connection, tenant, currency=self._rate.currency, now=datetime.now(UTC))

    def warning(self, tenant: str) -> str | None:
        """What a tenant is to be told of its budget, as of a moment ago; None below four fifths of it."""
        known = self._known.get(tenant)
        if known is None or known.standing.share < WARN:
            return None
        return ", ".join(_parts(known.standing, self._rate.currency))

    async def close(self) -> None:
        """Waits for what was begun: the database closes next."""
        while begun := [*self._looking.values(), *filter(None, [self._writing, self._returning])]:
            await asyncio.gather(*begun, return_exceptions=True)
        self._writer.shutdown()

    async def _budget(self, tenant: str) -> Budget:
        known, now = self._known.get(tenant), self._clock()
        if known is None or now - known.looked > STALE:
            await asyncio.shield(self._look(tenant))
            known = self._known[tenant]
        elif now - known.looked > FRESH:
            self._look(tenant)
        return known.standing.budget

    def _look(self, tenant: str) -> "asyncio.Task[None]":
        """One look at a time at a tenant."""
        looking = self._looking.get(tenant)
        if looking is None:
            looking = self._looking[tenant] = asyncio.create_task(self._look_up(tenant), context=Context())
            looking.add_done_callback(lambda task: self._looked(tenant, task))
        return looking

    def _looked(self, tenant: str, task: "asyncio.Task[None]") -> None:
        del self._looking[tenant]
        # Fetched so that asyncio does not complain where nobody waited.
        if not task.cancelled() and task.exception() is not None:
            log.warning("the budget of a tenant cannot be looked up")

    async def _look_up(self, tenant: str) -> None:
        looked = self._clock()
        self._known[tenant] = _Known(await asyncio.to_thread(self._standing, tenant), looked)

    def _standing(self, tenant: str) -> Standing:
        """The month is summed for those alone who have a budget: 20,000 rows of a busy one take 4 ms."""
        with self._database.read() as connection:
            budget = budget_of(connection, tenant)
            if not budget:
                return Standing(budget)
            return standing(connection, tenant, currency=self._rate.currency, now=datetime.now(UTC))

    def _count(self, tenant: str, characters: int) -> None:
        """Towards a soft budget, until the next look; what it cost is known then."""
        known = self._known[tenant]
        grown = known.standing.plus(characters, 0)
        self._known[tenant] = _Known(grown, known.looked)
        if grown.over:
            self._heard("over")

    async def _reserved(self, claim: Claim) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append(_Waiting(claim, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), context=Context())
        await future

    async def _write_all(self) -> None:
        try:
            while self._pending:
                waiting, self._pending = self._pending[:MOST], self._pending[MOST:]
                await self._write([each for each in waiting if not each.future.done()])
        finally:
            self._writing = None

    async def _write(self, waiting: Sequence[_Waiting]) -> None:
        outcomes: Sequence[DragomanError | None]
        looked = self._clock()
        try:
            outcomes, standings = await asyncio.get_running_loop().run_in_executor(
                self._writer, self._reserve, [each.claim for each in waiting]
            )
            self._known.update({name: _Known(found, looked) for name, found in standings.items()})
        except StorageError as error:
            outcomes = [error] * len(waiting)
        except Exception as error:  # noqa: BLE001  recorded as the failure of everyone who waits
            log.error("budgets could not be reserved: %s", place(error))
            outcomes = [StorageError("A budget could not be reserved because of a defect.")] * len(waiting)
        for each, outcome in zip(waiting, outcomes, strict=True):
            self._settle(each, outcome)

    def _reserve(
        self, claims: Sequence[Claim]
    ) -> tuple[Sequence[DragomanError | None], Mapping[str, Standing]]:
        return reserve(self._database, claims, rate=self._rate, now=datetime.now(UTC))

    def _settle(self, waiting: _Waiting, outcome: DragomanError | None) -> None:
        if waiting.future.done():
            return
        if outcome is None:
            waiting.future.set_result(None)
            return
        if not isinstance(outcome, StorageError):
            self._heard("refused")
        waiting.future.set_exception(outcome)

    def _rider(self, claim: Claim) -> Rider:
        def ride(connection: Connection, recorded: Recorded) -> None:
            del recorded
            settle(connection, claim, rate=self._rate, now=datetime.now(UTC))

        return ride

    def _give_back(self, claim: Claim) -> None:
        self._returned.append(claim.id)
        if self._returning is None:
            self._returning = asyncio.create_task(self._return_all(), context=Context())

    async def _return_all(self) -> None:
        try:
            while self._returned:
                ids, self._returned = self._returned[:MOST], self._returned[MOST:]
                await asyncio.get_running_loop().run_in_executor(self._writer, release, self._database, ids)
        except StorageError as error:
            log.warning("reservations are kept until their time is over: %s", error)
        finally:
            self._returning = None


def _claim(tenant: str, characters: int, key: str | None, seconds: float | None) -> Claim:
    ends = datetime.now(UTC) + timedelta(seconds=(seconds or LONGEST) + SPARE)
    return Claim(str(uuid.uuid4()), tenant, characters, microseconds(ends), key)


def _parts(standing: Standing, currency: str) -> list[str]:
    parts = []
    budget = standing.budget
    if budget.characters is not None:
        used = standing.characters + standing.reserved_characters
        parts.append(f"characters;used={used};limit={budget.characters}")
    if budget.price_nanos is not None:
        nanos = standing.price_nanos + standing.reserved_nanos
        most = format_nanos(budget.price_nanos)
        parts.append(f"price;used={format_nanos(nanos)};limit={most};currency={currency}")
    return parts

"""Requests and characters a minute, of a key and of its tenant, over all replicas.

Each process takes a sixteenth of a limit at a time from the database and spends it in memory, so that most requests
write nothing. The sum of what is taken is at most the limit: over all replicas no minute has more. What a process took
and did not spend is lost to the others until the minute is over, at most a sixteenth for each.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from app.errors import RateLimited, TooLarge
from app.storage.database import Database
from app.tenants.caller import Caller
from app.tenants.tenant import Rates
from app.tenants.windows import lease

SHARE = 16
MINUTE = 60
REMEMBERED = 20_000
"""Windows, at most; one that is forgotten loses what it had not spent."""


class Unit(StrEnum):
    REQUESTS = "requests"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class Limit:
    subject: str
    unit: Unit
    most: int
    whose: str
    """For people."""


@dataclass(slots=True)
class _Window:
    minute: int = 0
    left: int = 0
    """Taken and not spent."""
    untaken: int = 0
    """Of all replicas, when last looked."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Limiter:
    """Lives on one event loop."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._windows: dict[tuple[str, Unit], _Window] = {}

    async def take(self, caller: Caller, unit: Unit, amount: int = 1) -> None:
        """Raises RateLimited, TooLarge for what no minute could hold, StorageError. Nothing is taken then."""
        taken: list[tuple[_Window, int]] = []
        try:
            for limit in limits(caller, unit):
                window = await self._take(limit, amount)
                taken.append((window, window.minute))
        except BaseException:
            for window, minute in taken:
                if window.minute == minute:
                    window.left += amount
            raise

    def headers(self, caller: Caller) -> dict[str, str]:
        """`RateLimit-…` of the limit that is nearest; none without limits."""
        near = min(self._standings(caller), default=None)
        if near is None:
            return {}
        _, most, left = near
        return {
            "RateLimit-Limit": str(most),
            "RateLimit-Remaining": str(left),
            "RateLimit-Reset": str(self._reset()),
        }

    async def _take(self, limit: Limit, amount: int) -> _Window:
        if amount > limit.most:
            raise TooLarge(
                f"{limit.whose} may send {limit.most:,} {limit.unit} a minute, and this is {amount:,}. "
                "Send less at a time."
            )
        window = self._window(limit)
        self._turn(window, limit)
        if window.left < amount:
            async with window.lock:
                self._turn(window, limit)
                while window.left < amount:
                    await self._lease(window, limit, amount - window.left)
                    self._turn(window, limit)
                window.left -= amount
        else:
            window.left -= amount
        return window

    async def _lease(self, window: _Window, limit: Limit, need: int) -> None:
        minute = window.minute
        got = await asyncio.to_thread(
            lease,
            self._database,
            limit.subject,
            limit.unit.value,
            minute=minute,
            limit=limit.most,
            need=need,
            want=max(need, limit.most // SHARE),
        )
        if got.minute < window.minute:
            return  # of a minute that is over
        if got.minute > window.minute:
            window.minute, window.left = got.minute, 0
        window.left += got.granted
        window.untaken = got.left
        if got.granted == 0:
            raise RateLimited(
                f"{limit.whose} may send {limit.most:,} {limit.unit} a minute. Come back when the next begins.",
                retry_after=self._reset(),
            )

    def _turn(self, window: _Window, limit: Limit) -> None:
        minute = int(self._clock() // MINUTE)
        if window.minute < minute:
            window.minute, window.left, window.untaken = minute, 0, limit.most

    def _window(self, limit: Limit) -> _Window:
        place = (limit.subject, limit.unit)
        found = self._windows.get(place)
        if found is None:
            found = self._windows[place] = _Window()
            if len(self._windows) > REMEMBERED:
                self._windows.pop(next(iter(self._windows)))
        return found

    def _standings(self, caller: Caller) -> Iterator[tuple[float, int, int]]:
        for unit in Unit:
            for limit in limits(caller, unit):
                window = self._window(limit)
                self._turn(window, limit)
                left = max(0, min(limit.most, window.left + window.untaken))
                yield left / limit.most, limit.most, left

    def _reset(self) -> int:
        """Seconds to the next minute, at least one."""
        return MINUTE - int(self._clock() % MINUTE)


def limits(caller: Caller, unit: Unit) -> list[Limit]:
    found = []
    if caller.key_id is not None and (most := _most(caller.rates, unit)) is not None:
        found.append(Limit(f"key:{caller.key_id}", unit, most, "This key"))
    if (most := _most(caller.tenant.rates, unit)) is not None:
        found.append(Limit(f"tenant:{caller.tenant.name}", unit, most, f"The tenant {caller.tenant.name}"))
    return found


def _most(rates: Rates, unit: Unit) -> int | None:
    return rates.requests if unit is Unit.REQUESTS else rates.characters

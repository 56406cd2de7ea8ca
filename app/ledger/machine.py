"""Machine time: how long the engine threads of this process were there, and how long they worked, hour by hour."""

import asyncio
import logging
import platform
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from sqlalchemy import Insert

from app.errors import StorageError
from app.ledger.tables import machine_hours
from app.storage.dialects import insert_for
from app.storage.engine import Database

log = logging.getLogger("dragoman")

HOUR = 3_600 * 1_000_000_000
"""Nanoseconds."""
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Machine:
    threads: int
    rate_per_hour: Decimal
    currency: str
    name: str = field(default_factory=platform.node)


@dataclass(slots=True)
class _Hour:
    up_ns: int = 0
    busy_ns: int = 0


class MachineTime:
    """Kept by one process. `busy` is its engine threads' time since it started, in nanoseconds."""

    def __init__(
        self,
        database: Database,
        machine: Machine,
        *,
        busy: Callable[[], int],
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._database = database
        self._machine = machine
        self._busy = busy
        self._clock = clock
        self._process = uuid.uuid4().hex
        self._until, self._counted = clock(), busy()
        self._hours: dict[int, _Hour] = {}

    async def keep(self) -> None:
        """Writes every minute, until cancelled. A minute that cannot be written is in the next."""
        while True:
            await asyncio.sleep(MINUTE)
            await asyncio.to_thread(self.write)

    def write(self) -> None:
        """What has passed since the last time goes to its hours. A clock set back counts as standing still."""
        now, busy = max(self._clock(), self._until), self._busy()
        for hour, up_ns, busy_ns in spread(self._until, now, busy - self._counted):
            kept = self._hours.setdefault(hour, _Hour())
            kept.up_ns += up_ns
            kept.busy_ns += busy_ns
        self._until, self._counted = now, busy
        try:
            with self._database.transaction() as connection:
                connection.execute(_upsert(connection.dialect.name), self._rows())
        except StorageError as error:
            log.warning("Machine time is not written for now: %s", error)
            return
        self._hours = {hour: kept for hour, kept in self._hours.items() if hour == now // HOUR}

    def _rows(self) -> list[dict[str, object]]:
        return [
            {
                "process": self._process,
                "hour": hour,
                "machine": self._machine.name,
                "threads": self._machine.threads,
                "rate_per_hour": str(self._machine.rate_per_hour),
                "currency": self._machine.currency,
                "up_ns": kept.up_ns,
                "busy_ns": kept.busy_ns,
            }
            for hour, kept in self._hours.items()
        ]


def spread(since: int, until: int, busy_ns: int) -> list[tuple[int, int, int]]:
    """Hours since 1970, nanoseconds up and busy in each; the busy ones spread evenly, and their sum kept."""
    if since == until:
        return [(until // HOUR, 0, busy_ns)]
    parts = []
    start, left = since, busy_ns
    while start < until:
        end = min(until, (start // HOUR + 1) * HOUR)
        share = left if end == until else busy_ns * (end - start) // (until - since)
        parts.append((start // HOUR, end - start, share))
        start, left = end, left - share
    return parts


@cache
def _upsert(dialect: str) -> Insert:
    """The process alone writes its row and knows all of it."""
    statement = insert_for(dialect, machine_hours)
    known = {name: statement.excluded[name] for name in ("up_ns", "busy_ns")}
    upsert: Insert = statement.on_conflict_do_update(index_elements=["process", "hour"], set_=known)
    return upsert

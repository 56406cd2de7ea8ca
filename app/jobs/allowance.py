"""What a tenant and its key may have translated: characters a minute, jobs that wait."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.errors import TooManyJobs
from app.jobs.job import OPEN
from app.jobs.tables import jobs
from app.tenants.caller import Caller
from app.tenants.limiter import Limiter, Unit, limits

RETRY = 60.0
"""Seconds after which it is worth while to ask again: how long a job takes, nobody knows."""
Lookup = Callable[[str, str | None], Caller]
"""Whoever sent a job, by tenant and key. Blocking."""


class Allowance:
    """The limits a minute of those who send documents: chunks are translated as fast as these let them be."""

    def __init__(self, limiter: Limiter, lookup: Lookup) -> None:
        self._limiter = limiter
        self._lookup = lookup

    async def most(self, tenant: str, key_id: str | None) -> int | None:
        """Characters that any minute has; None: no limit."""
        caller = await asyncio.to_thread(self._lookup, tenant, key_id)
        return min((limit.most for limit in limits(caller, Unit.CHARACTERS)), default=None)

    async def take(self, tenant: str, key_id: str | None, characters: int) -> None:
        """Raises RateLimited where this minute has no more room, TooLarge where none could."""
        caller = await asyncio.to_thread(self._lookup, tenant, key_id)
        await self._limiter.take(caller, Unit.CHARACTERS, characters)


@dataclass(frozen=True, slots=True)
class Room:
    """For jobs that are not over yet."""

    a_tenant: int
    everyone: int

    def check(self, connection: Connection, tenant: str) -> None:
        """Raises TooManyJobs. Jobs of other tenants that come at the same moment may go a few over `everyone`."""
        query = select(jobs.c.tenant, func.count()).where(jobs.c.state.in_(OPEN)).group_by(jobs.c.tenant)
        waiting: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
        if waiting.get(tenant, 0) >= self.a_tenant:
            raise TooManyJobs(
                f"The tenant {tenant} has {self.a_tenant:,} documents waiting or in work, the most it may have. "
                "Come back when some are done.",
                retry_after=RETRY,
            )
        if sum(waiting.values()) >= self.everyone:
            raise TooManyJobs(
                "As many documents are waiting as this server takes. Come back later.", retry_after=RETRY
            )

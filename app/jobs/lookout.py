"""Whether anybody works on the documents that were taken: who takes them may be told to leave the work to others."""

import asyncio
import logging
import time
from collections.abc import Callable

from app.jobs.census import Census

log = logging.getLogger("dragoman")

EVERY = 30.0
"""Seconds between two looks."""
PATIENCE = 180.0
"""Seconds that work may wait while nobody works: a worker that starts loads its models first."""
UNATTENDED = (
    "Documents wait, and nobody works on them: DRAGOMAN_ROLE=api takes them alone. Start a `dragoman serve` with "
    "DRAGOMAN_ROLE=worker over the same database."
)


class Lookout:
    def __init__(
        self,
        census: Census,
        *,
        every: float = EVERY,
        patience: float = PATIENCE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._census = census
        self._every = every
        self._patience = patience
        self._now = now
        self._since: float | None = None
        self.fault: str | None = None
        """A sentence while documents are left lying."""

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        found = await self._census.counts()
        if found is None:
            return  # the database is away: that is said elsewhere
        if found.working or not found.waiting:
            self._since = self.fault = None
            return
        now = self._now()
        if self._since is None:
            self._since = now
        if self.fault is None and now - self._since >= self._patience:
            self.fault = UNATTENDED
            log.warning(UNATTENDED)

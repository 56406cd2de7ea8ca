"""How many jobs are in which state, for the metrics: asked by one at a time, and never waited for long."""

import asyncio
from collections.abc import Mapping

from sqlalchemy import func, select

from app.errors import StorageError
from app.jobs.job import State
from app.jobs.tables import jobs
from app.storage.engine import Database

PATIENCE = 1.0
"""Seconds that a scrape waits; Prometheus gives one ten."""


class Census:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: asyncio.Task[Mapping[State, int] | None] | None = None

    async def counts(self) -> Mapping[State, int] | None:
        """Of all replicas together, every state; None while the database does not answer."""
        asking = self._asking
        if asking is None or asking.done():
            asking = self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait({asking}, timeout=PATIENCE)
        return asking.result() if done else None

    async def _ask(self) -> Mapping[State, int] | None:
        try:
            return await asyncio.to_thread(self._count)
        except StorageError:
            return None

    def _count(self) -> Mapping[State, int]:
        query = select(jobs.c.state, func.count().label("number")).group_by(jobs.c.state)
        with self._database.read() as connection:
            found = {row.state: row.number for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in State}

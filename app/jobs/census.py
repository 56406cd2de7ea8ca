"""How many jobs are in which state, and whether anybody works: asked by one at a time, and never waited for long."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from app.errors import StorageError
from app.jobs.job import ChunkState, Kind, State
from app.jobs.tables import chunks, jobs
from app.storage.engine import Database

PATIENCE = 1.0
"""Seconds that a scrape waits; Prometheus gives one ten."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of all replicas together."""

    jobs: Mapping[State, int]
    """Every state."""
    waiting: int
    """Chunks that a worker could take now."""
    working: int
    """Chunks whose worker was alive a few seconds ago."""


class Census:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: asyncio.Task[Standing | None] | None = None

    async def counts(self) -> Standing | None:
        """None while the database does not answer."""
        asking = self._asking
        if asking is None or asking.done():
            asking = self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait({asking}, timeout=PATIENCE)
        return asking.result() if done else None

    async def _ask(self) -> Standing | None:
        try:
            return await asyncio.to_thread(self._count)
        except StorageError:
            return None

    def _count(self) -> Standing:
        query = select(jobs.c.state, func.count().label("number")).group_by(jobs.c.state)
        now = time.time_ns() // 1_000
        leased = chunks.c.state == ChunkState.LEASED
        waiting = and_(chunks.c.state == ChunkState.WAITING, chunks.c.not_before <= now)
        left = and_(leased, chunks.c.lease_until < now)
        all_done = exists().where(jobs.c.id == chunks.c.job, jobs.c.pending == 0).correlate(chunks)
        with self._database.read() as connection:
            found = {row.state: row.number for row in connection.execute(query)}
            return Standing(
                jobs={state: found.get(state, 0) for state in State},
                waiting=_number(
                    connection, or_(waiting, left), or_(chunks.c.kind == Kind.TRANSLATE, all_done)
                ),
                working=_number(connection, leased, chunks.c.lease_until >= now),
            )


def _number(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    found: int = connection.execute(select(func.count()).select_from(chunks).where(*conditions)).scalar_one()
    return found

"""Group commit: what arrives while one transaction is written goes into the next, so that many share one fsync."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass
from typing import Protocol

from app.errors import DragomanError, KeyReused, StorageError
from app.ledger.entry import LedgerEntry
from app.ledger.store import Posting, Recorded, Rider
from app.quality.tally import Tally
from models.fault import place

log = logging.getLogger("dragoman")

MOST = 256
"""Entries in one transaction: a crowd does not make the first of it wait for long."""

PACE = 0.02
"""Seconds from one transaction's start to the next while several entries come at a time; an entry alone never waits."""


class Store(Protocol):
    """Where entries are made durable, all of a batch or none. Blocking."""

    def append_many(self, postings: Sequence[Posting]) -> list[Recorded | KeyReused]: ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    posting: Posting
    future: asyncio.Future[Recorded]


class Committer:
    """Lives on one event loop; one transaction at a time, written by a thread of its own: an answer that is ready
    waits for no other work.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._pending: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._began = float("-inf")
        self._crowded = False

    async def append(
        self, entry: LedgerEntry, *, riders: Sequence[Rider] = (), tallies: Sequence[Tally] = ()
    ) -> Recorded:
        """Records `entry`, on the disk when this returns, and with it what `riders` do in the ledger's thread and what
        `tallies` add to the quality counts.

        Raises KeyReused, StorageError if nothing could be written, or the DragomanError of a rider that refused.
        A caller cancelled before its entry's transaction has begun is not charged.
        """
        future: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._pending.append(_Waiting(Posting(entry, riders, tallies), future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), context=Context())
        return await future

    def close(self) -> None:
        self._writer.shutdown()

    async def _write_all(self) -> None:
        try:
            while self._pending:
                await self._gather()
                waiting, self._pending = self._pending[:MOST], self._pending[MOST:]
                self._crowded = len(waiting) > 1
                await self._write([each for each in waiting if not each.future.done()])
        finally:
            self._writing = None

    async def _gather(self) -> None:
        """In a crowd, lets more come for the transaction: each costs the same, however many it holds."""
        loop = asyncio.get_running_loop()
        if self._crowded and len(self._pending) < MOST:
            await asyncio.sleep(max(0.0, self._began + PACE - loop.time()))
        self._began = loop.time()

    async def _write(self, waiting: Sequence[_Waiting]) -> None:
        """All in one transaction; where a defect or a rider undid it each once more, alone: only the culprit fails."""
        if not waiting:
            return
        outcomes: Sequence[Recorded | DragomanError]
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(
                self._writer, self._store.append_many, [each.posting for each in waiting]
            )
        except StorageError as error:
            outcomes = [error] * len(waiting)
        except Exception as error:  # noqa: BLE001  recorded as the failure of the one who caused it
            if len(waiting) > 1:
                for each in waiting:
                    await self._write([each])
                return
            outcomes = [_failure(error)]
        for each, outcome in zip(waiting, outcomes, strict=True):
            _settle(each.future, outcome)


def _failure(error: Exception) -> DragomanError:
    if isinstance(error, DragomanError):
        return error
    log.error("the ledger could not be written: %s", place(error))
    failure = StorageError("The ledger could not be written because of a defect in the service.")
    failure.__cause__ = error
    return failure


def _settle(future: asyncio.Future[Recorded], outcome: Recorded | DragomanError) -> None:
    if future.done():
        return
    if isinstance(outcome, Recorded):
        future.set_result(outcome)
    else:
        future.set_exception(outcome)

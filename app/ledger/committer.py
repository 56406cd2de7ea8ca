"""Group commit: what arrives while one transaction is written goes into the next, so that many share one fsync."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from app.errors import DragomanError, KeyReused, StorageError
from app.ledger.entry import LedgerEntry
from app.ledger.store import Recorded
from models.fault import place

log = logging.getLogger("dragoman")

MOST = 256
"""Entries in one transaction: a crowd does not make the first of it wait for long."""


class Store(Protocol):
    """Where entries are made durable, all of a batch or none. Blocking."""

    def append_many(self, batch: Sequence[LedgerEntry]) -> list[Recorded | KeyReused]: ...


class Committer:
    """Lives on one event loop; one transaction at a time, written by a thread of its own: an answer that is ready
    waits for no other work.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._pending: list[tuple[LedgerEntry, asyncio.Future[Recorded]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def append(self, entry: LedgerEntry) -> Recorded:
        """Records `entry`, on the disk when this returns.

        Raises KeyReused, or StorageError if nothing could be written. A caller cancelled before its entry's
        transaction has begun is not charged.
        """
        future: asyncio.Future[Recorded] = asyncio.get_running_loop().create_future()
        self._pending.append((entry, future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await future

    def close(self) -> None:
        self._writer.shutdown()

    async def _write_all(self) -> None:
        try:
            while self._pending:
                waiting, self._pending = self._pending[:MOST], self._pending[MOST:]
                await self._write([(entry, future) for entry, future in waiting if not future.done()])
        finally:
            self._writing = None

    async def _write(self, waiting: Sequence[tuple[LedgerEntry, asyncio.Future[Recorded]]]) -> None:
        if not waiting:
            return
        outcomes: Sequence[Recorded | DragomanError]
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(
                self._writer, self._store.append_many, [entry for entry, _ in waiting]
            )
        except StorageError as error:
            outcomes = [error] * len(waiting)
        except Exception as error:  # noqa: BLE001  recorded as the failure of everyone who waits
            log.error("the ledger could not be written: %s", place(error))
            failure = StorageError("The ledger could not be written because of a defect in the service.")
            failure.__cause__ = error
            outcomes = [failure] * len(waiting)
        for (_, future), outcome in zip(waiting, outcomes, strict=True):
            _settle(future, outcome)


def _settle(future: asyncio.Future[Recorded], outcome: Recorded | DragomanError) -> None:
    if future.done():
        return
    if isinstance(outcome, Recorded):
        future.set_result(outcome)
    else:
        future.set_exception(outcome)

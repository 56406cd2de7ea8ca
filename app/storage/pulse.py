"""Whether what is stored in answers: asked by one at a time, however many want to know, and never waited for long."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from app.errors import StorageError

log = logging.getLogger("dragoman")
PATIENCE = 0.8
"""Seconds that whoever asks waits: probes of a pod wait for one."""
FRESH = 2.0
"""Seconds for which an answer of the store of files holds."""


class Pulse:
    def __init__(self, ping: Callable[[], Awaitable[object]], name: str, *, fresh: float) -> None:
        """`ping` raises StorageError unless it answers. `name`: what messages call it. `fresh`: seconds for which an
        answer holds.
        """
        self._ping = ping
        self._name = name
        self._fresh = fresh
        self._asking: asyncio.Task[str | None] | None = None
        self._asked = 0.0
        self._last: str | None = None
        self.seconds: float | None = None
        """That the last answer took, whatever it was."""

    async def fault(self) -> str | None:
        """None if it answers."""
        asking = self._asking
        if asking is None or (asking.done() and time.monotonic() - self._asked > self._fresh):
            asking = self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait({asking}, timeout=PATIENCE)
        return asking.result() if done else f"{self._name} takes long to answer."

    async def _ask(self) -> str | None:
        begun = time.monotonic()
        try:
            await self._ping()
        except StorageError as error:
            return self._said(str(error))
        finally:
            self._asked = time.monotonic()
            self.seconds = self._asked - begun
        self._last = None
        return None

    def _said(self, fault: str) -> str:
        """In the log once, however often it is asked: callers are not told."""
        if fault != self._last:
            log.error("%s", fault)
        self._last = fault
        return fault

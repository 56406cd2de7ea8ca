"""Whether the store of files answers: asked by one at a time, however many want to know, and never waited for long."""

import asyncio
import time

from app.errors import StorageError
from app.storage.blobs import Blobs
from app.storage.threads import in_store_thread

PATIENCE = 0.8
"""Seconds that whoever asks waits: probes of a pod wait for one."""
FRESH = 2.0
"""Seconds for which an answer holds."""


class Pulse:
    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._asking: asyncio.Task[str | None] | None = None
        self._asked = 0.0

    async def fault(self) -> str | None:
        """None if it answers."""
        asking = self._asking
        if asking is None or (asking.done() and time.monotonic() - self._asked > FRESH):
            asking = self._asking = asyncio.create_task(self._ask())
        done, _ = await asyncio.wait({asking}, timeout=PATIENCE)
        return asking.result() if done else "The store of files takes long to answer."

    async def _ask(self) -> str | None:
        try:
            await in_store_thread(self._blobs.ping)
        except StorageError as error:
            return str(error)
        finally:
            self._asked = time.monotonic()
        return None

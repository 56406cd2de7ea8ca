"""Room: how much of a run may be in the engine at once. First come, first served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Room:
    def __init__(self, size: int) -> None:
        self.size = size
        self._used = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def held(self, wanted: int) -> AsyncIterator[None]:
        """Waits for that much. Who wants more than there is gets all of it, and so is alone."""
        taken = min(max(wanted, 1), self.size)
        # Held while waiting, so that small ones cannot pass a large one for ever.
        async with self._turn:
            while self._used + taken > self.size:
                self._freed.clear()
                await self._freed.wait()
            self._used += taken
        try:
            yield
        finally:
            self._used -= taken
            self._freed.set()

"""Slots: one for each engine thread, shared by all lanes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 2.0
"""Seconds after which a lane without urgent work comes before lanes with it."""


@dataclass(slots=True, eq=False)
class _Waiter:
    future: asyncio.Future[None]
    urgent: Callable[[], bool]
    since: float


class Slots:
    """A semaphore that lets lanes with interactive work go first; otherwise first come, first served."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiters: list[_Waiter] = []

    async def acquire(self, urgent: Callable[[], bool]) -> None:
        """`urgent` is asked whenever a slot comes free: work may have arrived since."""
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop.create_future(), urgent, loop.time())
        self._waiters.append(waiter)
        try:
            await waiter.future
        except asyncio.CancelledError:
            if waiter.future.cancelled():
                self._waiters = [each for each in self._waiters if each is not waiter]
            else:
                # The slot was handed over in the very moment of leaving.
                self.release()
            raise

    def release(self) -> None:
        # A waiter cancelled in this very tick is still in line; it takes itself out when it next runs.
        self._waiters = [each for each in self._waiters if not each.future.done()]
        if not self._waiters:
            self._free += 1
            return
        now = asyncio.get_running_loop().time()
        patient = next((each for each in self._waiters if now - each.since >= PATIENCE), None)
        chosen = patient or next((each for each in self._waiters if each.urgent()), self._waiters[0])
        self._waiters.remove(chosen)
        chosen.future.set_result(None)

"""A crew: workers elsewhere, any of which may be lost at any moment; what a lost one had is asked of another."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from app.errors import ConfigurationError
from app.results import TranslationRequest, TranslationResult

log = logging.getLogger("dragoman")

STARTS = 3
"""Workers in a row that may be lost before they are ready: more of them is no accident."""
TRIES = 5
"""Workers that may be lost over one window, for the same reason."""


class Lost(Exception):
    """A worker is gone, with all it had in hand."""


class Worker(Protocol):
    async def answer(self, request: TranslationRequest) -> TranslationResult:
        """Raises Lost, and what the translation raises."""

    def dismiss(self) -> None: ...


Hire = Callable[[], Awaitable[Worker]]
"""Returns when the worker is ready, however long there is no room for it. Raises Lost and ConfigurationError."""


@dataclass(slots=True)
class _Hired:
    worker: Worker
    lost: asyncio.Event = field(default_factory=asyncio.Event)


_Place = tuple[int, int, _Hired | Exception]
"""The n-th window at once of a worker, by its number: who has least to do comes first. An error ends all."""


class Crew:
    def __init__(self, hire: Hire, *, size: int, each: int) -> None:
        """`each`: windows that one worker has in hand at once."""
        self._hire = hire
        self._size = size
        self._each = each
        self._places: asyncio.PriorityQueue[_Place] = asyncio.PriorityQueue()
        self._numbers = count()
        self._working: set[Worker] = set()

    async def answer(self, request: TranslationRequest) -> TranslationResult:
        """Raises ConfigurationError where workers cannot be had, or none outlives the window."""
        for _ in range(TRIES):
            place = await self._place()
            try:
                found = await place[2].worker.answer(request)
            except Lost:
                place[2].lost.set()
                continue
            except BaseException:
                self._places.put_nowait(place)
                raise
            self._places.put_nowait(place)
            return found
        raise ConfigurationError(
            f"Window {request.chunk} was given to {TRIES} workers, and each was lost over it. Give them more memory, "
            "or leave its records out."
        )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        seats = [asyncio.create_task(self._seat()) for _ in range(self._size)]
        try:
            yield
        finally:
            for seat in seats:
                seat.cancel()
            await asyncio.gather(*seats, return_exceptions=True)
            for worker in self._working:
                worker.dismiss()

    async def _place(self) -> tuple[int, int, _Hired]:
        while True:
            order, number, hired = await self._places.get()
            if isinstance(hired, Exception):
                self._places.put_nowait((order, number, hired))
                raise hired
            if not hired.lost.is_set():
                return order, number, hired

    async def _seat(self) -> None:
        """Somebody sits on it, and after them the next."""
        try:
            while True:
                hired = _Hired(await self._hired())
                self._working.add(hired.worker)
                number = next(self._numbers)
                for order in range(self._each):
                    self._places.put_nowait((order, number, hired))
                await hired.lost.wait()
                self._working.remove(hired.worker)
                hired.worker.dismiss()
                log.warning("a worker of the cluster was lost; its windows are given to others")
        except Exception as error:  # noqa: BLE001  raised where answers are waited for
            self._places.put_nowait((-1, next(self._numbers), error))

    async def _hired(self) -> Worker:
        for _ in range(STARTS):
            try:
                return await self._hire()
            except Lost as error:
                reason = str(error)
        raise ConfigurationError(f"No engine starts on the cluster: {reason}")

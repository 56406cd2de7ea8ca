"""The loop of a bulk run: windows of records to an engine, several at once, and back in the order they came."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.bulk.ahead import ReadAhead
from app.bulk.engine import Answer, Engine
from app.bulk.keeping import Keeper
from app.bulk.memory import Memory
from app.bulk.record import Window

Progress = Callable[[Window, Answer], None]
"""Told of each window after it is kept."""


@dataclass(frozen=True, slots=True)
class InFlight:
    window: Window
    answer: asyncio.Task[Answer]


Flying = asyncio.Queue[InFlight | None]
"""In the order of the records; None after the last."""


async def run(
    windows: Iterator[Window],
    *,
    engine: Engine,
    keeper: Keeper,
    progress: Progress,
    drain: asyncio.Event | None = None,
    memory: Memory | None = None,
) -> bool:
    """Whether all windows were read; not so after `drain` is set, when only what is in flight is finished.

    Raises the first error that ends it.
    """
    flying: Flying = asyncio.Queue()
    room = asyncio.Semaphore(engine.in_flight)
    reading = asyncio.create_task(_send(windows, engine, flying, room, memory or Memory(None)))
    try:
        async with _drained(reading, drain or asyncio.Event()):
            while (each := await flying.get()) is not None:
                answer = await each.answer
                await _kept(keeper, each.window, answer)
                progress(each.window, answer)
                room.release()
            await asyncio.wait({reading})
    finally:
        try:
            await _drop(reading, flying)
        finally:
            keeper.close()
    if reading.cancelled():
        return False
    reading.result()
    return True


async def _kept(keeper: Keeper, window: Window, answer: Answer) -> None:
    """To its end, also when nobody waits any more: a keeper is never closed while it keeps."""
    keeping = asyncio.ensure_future(asyncio.to_thread(keeper.keep, window, answer))
    try:
        await asyncio.shield(keeping)
    finally:
        await asyncio.wait({keeping})


@asynccontextmanager
async def _drained(reading: asyncio.Task[None], drain: asyncio.Event) -> AsyncIterator[None]:
    async def wait() -> None:
        await drain.wait()
        reading.cancel()

    waiting = asyncio.create_task(wait())
    try:
        yield
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def _send(
    windows: Iterator[Window], engine: Engine, flying: Flying, room: asyncio.Semaphore, memory: Memory
) -> None:
    """Ends with None in `flying`, also when reading fails: what was read before is written first."""
    try:
        async with aclosing(aiter(ReadAhead(windows))) as read:
            async for window in read:
                await room.acquire()
                if memory.tight():
                    await _alone(room, engine.in_flight - 1)
                    memory.check()
                flying.put_nowait(InFlight(window, asyncio.create_task(_ask(engine, window))))
    finally:
        flying.put_nowait(None)


async def _alone(room: asyncio.Semaphore, others: int) -> None:
    """Returns when all that is in flight is kept."""
    for _ in range(others):
        await room.acquire()
    for _ in range(others):
        room.release()


async def _ask(engine: Engine, window: Window) -> Answer:
    return await engine.translate(window.texts, window.number) if window.texts else Answer((), ())


async def _drop(reading: asyncio.Task[None], flying: Flying) -> None:
    left: list[asyncio.Task[Any]] = [reading]
    while not flying.empty():
        each = flying.get_nowait()
        if each is not None:
            left.append(each.answer)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)

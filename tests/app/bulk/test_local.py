"""A queue that is full, too small, or just wide enough."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bulk.engine import Answer, Order
from app.bulk.local import LONGEST_WAIT, REFUSALS, LocalEngine, windows_at_once
from app.bulk.room import Room
from app.charging import Tariff, entry
from app.errors import ConfigurationError
from app.results import TranslationRequest, TranslationResult
from app.translation import Riders
from batching.errors import Overloaded

TARIFF = Tariff(Decimal(0), Decimal(0), 1, "GBP")


@dataclass
class Queue:
    """Takes what `admits` says, for some turns of the loop."""

    admits: Callable[["Queue", int], bool]
    refused: int = 0
    characters: int = 0
    most: int = 0
    done: list[str] = field(default_factory=list)

    async def translate(
        self, request: TranslationRequest, *, riders: Riders | None = None
    ) -> TranslationResult:
        assert riders is not None
        size = sum(map(len, request.texts))
        await asyncio.sleep(0)
        if not self.admits(self, size):
            self.refused += 1
            raise Overloaded(30.0)
        self.characters += size
        self.most = max(self.most, self.characters)
        for _ in range(5):
            await asyncio.sleep(0)
        self.characters -= size
        self.done.append(request.idempotency_key or "")
        charge = entry(request, (), tariff=TARIFF, created_at=datetime.now(UTC), queue_ns=0)
        return TranslationResult(request.id, (), charge, duplicate=False)


async def translate(queue: Queue, sizes: list[int], *, tokens: int, waits: list[float]) -> list[Answer]:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    engine = LocalEngine(
        queue, Order("job", "en"), in_flight=8, queue_tokens=tokens, models={}, terms={}, sleep=sleep
    )
    windows = (engine.translate(["x" * size], number) for number, size in enumerate(sizes))
    async with asyncio.timeout(20):
        return await asyncio.gather(*windows)


def test_every_engine_thread_has_windows_of_its_own() -> None:
    few, many = map(windows_at_once, (1, 64))
    assert (few, many) == (16, 256)


async def test_a_queue_that_holds_them_is_never_overfilled() -> None:
    queue = Queue(lambda queue, size: queue.characters + size <= 100)
    waits: list[float] = []
    assert len(await translate(queue, [30] * 20, tokens=100, waits=waits)) == 20
    assert (queue.refused, waits) == (0, [])
    assert queue.most == 90
    assert queue.done == [f"job:{number}" for number in range(20)]


async def test_a_refused_window_waits_as_told_but_not_long_and_comes_back_alone() -> None:
    queue = Queue(lambda queue, _size: queue.characters == 0)
    waits: list[float] = []
    assert len(await translate(queue, [10] * 8, tokens=100, waits=waits)) == 8
    assert set(waits) == {LONGEST_WAIT}
    assert queue.refused <= 8


async def test_a_window_that_no_queue_takes_ends_the_run() -> None:
    queue = Queue(lambda _queue, size: size < 500)
    waits: list[float] = []
    with pytest.raises(ConfigurationError, match="DRAGOMAN_QUEUE_TOKENS"):
        await translate(queue, [500], tokens=100, waits=waits)
    assert (queue.refused, len(waits)) == (REFUSALS + 1, REFUSALS)


@given(
    sizes=st.lists(st.integers(0, 50), max_size=30),
    room=st.integers(1, 40),
    left=st.sets(st.integers(0, 29)),
)
async def test_room_is_never_overdrawn_nor_lost(sizes: list[int], room: int, left: set[int]) -> None:
    """Some leave while they wait or hold; whoever stays gets in, in the order they came."""
    shared = Room(room)
    used = 0
    served: list[int] = []

    async def use(number: int, size: int) -> None:
        nonlocal used
        async with shared.held(size):
            served.append(number)
            used += min(size, room)
            assert used <= room
            try:
                await asyncio.sleep(0)
            finally:
                used -= min(size, room)

    tasks = [asyncio.create_task(use(number, size)) for number, size in enumerate(sizes)]
    await asyncio.sleep(0)
    for number in left & set(range(len(tasks))):
        tasks[number].cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(*tasks, return_exceptions=True)
    assert served == sorted(served)
    assert set(range(len(tasks))) - left <= set(served)
    async with asyncio.timeout(20), shared.held(room):
        pass

"""Who gets a free engine thread."""

import asyncio

import pytest

from batching import slots
from batching.slots import Slots


class Line:
    """Lanes that wait in order of arrival; each notes its turn and keeps its slot."""

    def __init__(self, held: Slots) -> None:
        self.held = held
        self.turns: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def join(self, name: str, *, urgent: bool = False) -> None:
        async def wait() -> None:
            await self.held.acquire(lambda: urgent)
            self.turns.append(name)

        self.tasks[name] = asyncio.create_task(wait())
        await asyncio.sleep(0)

    async def free(self) -> None:
        self.held.release()
        await asyncio.sleep(0)


async def _line(count: int = 1) -> Line:
    held = Slots(count)
    for _ in range(count):
        await held.acquire(lambda: False)
    return Line(held)


async def test_first_come_first_served() -> None:
    line = await _line()
    for name in "abc":
        await line.join(name)
    for _ in "abc":
        await line.free()

    assert line.turns == ["a", "b", "c"]


async def test_urgent_work_goes_first() -> None:
    line = await _line()
    await line.join("bulk")
    await line.join("person", urgent=True)
    await line.free()

    assert line.turns == ["person"]
    await line.free()
    assert line.turns == ["person", "bulk"]


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "PATIENCE", 0.0)
    line = await _line()
    await line.join("bulk")
    await line.join("person", urgent=True)
    await line.free()

    assert line.turns == ["bulk"]
    line.tasks["person"].cancel()


async def test_a_lane_that_leaves_gives_its_slot_on() -> None:
    line = await _line()
    await line.join("leaves")
    await line.join("stays")
    line.held.release()
    line.tasks["leaves"].cancel()
    await asyncio.gather(*line.tasks.values(), return_exceptions=True)

    assert line.turns == ["stays"]


async def test_a_lane_that_leaves_before_its_turn_is_forgotten() -> None:
    line = await _line(2)
    await line.join("leaves")
    line.tasks["leaves"].cancel()
    await asyncio.sleep(0)
    line.held.release()
    line.held.release()
    await line.join("one")
    await line.join("two")
    await line.join("three")

    assert line.turns == ["one", "two"]
    line.tasks["three"].cancel()


async def test_one_cancelled_in_the_same_tick_is_passed_over() -> None:
    line = await _line()
    await line.join("leaves")
    await line.join("stays")
    line.tasks["leaves"].cancel()
    await line.free()

    assert line.turns == ["stays"]

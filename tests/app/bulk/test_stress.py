"""The loop under an engine, a reader, a writer and a caller that fail, dawdle or leave at any moment."""

import asyncio
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from app.bulk.engine import Answer
from app.bulk.record import Window
from app.bulk.run import run
from tests.app.bulk.test_run import USAGE, Paper, translated, whole
from tests.app.bulk.test_run import windows as sound

PATIENCE = 20.0
"""Seconds after which a run counts as hung."""


class Failed(Exception):
    pass


@dataclass
class Moody:
    """Answers after a random number of turns of the loop, or fails."""

    chance: random.Random
    in_flight: int
    fails_at: int
    asked: int = 0
    running: int = 0
    most: int = 0

    async def translate(self, texts: Sequence[str], window: int) -> Answer:
        self.asked += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for _ in range(self.chance.randrange(12)):
                await asyncio.sleep(0)
            if self.chance.random() < 0.3:
                await asyncio.to_thread(int)
            if window == self.fails_at:
                raise Failed
            return Answer(tuple(map(translated, texts)), (USAGE,))
        finally:
            self.running -= 1


@dataclass
class Torn(Paper):
    fails_at: int = -1

    def keep(self, window: Window, answer: Answer) -> None:
        if window.number == self.fails_at:
            raise Failed
        super().keep(window, answer)


def windows(count: int, *, fails_at: int, silent: threading.Event | None) -> Iterator[Window]:
    for window in sound(count):
        if window.number == fails_at:
            raise Failed
        yield window
    if silent is not None:
        silent.wait(PATIENCE)


async def leave(task: asyncio.Task[bool], turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()


@pytest.mark.parametrize("seed", range(150))
async def test_a_run_always_ends_in_order_with_nothing_left_behind(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  a fixed draw
    count = chance.randrange(30)
    never = 10_000
    trouble = chance.choice(["none", "engine", "reader", "writer", "caller", "caller of a silent pipe"])
    silent = threading.Event() if trouble.endswith("pipe") else None
    point = chance.randrange(count + 1)
    engine = Moody(chance, chance.choice([1, 2, 4, 16]), point if trouble == "engine" else never)
    paper = Torn(fails_at=point if trouble == "writer" else never)
    found = windows(count, fails_at=point if trouble == "reader" else never, silent=silent)
    before = asyncio.all_tasks()
    running = asyncio.create_task(run(found, engine=engine, keeper=paper, progress=lambda _w, _a: None))
    if trouble.startswith("caller"):
        await leave(running, chance.randrange(400))
    async with asyncio.timeout(PATIENCE):
        (ended,) = await asyncio.gather(running, return_exceptions=True)
    if silent is not None:
        silent.set()
    assert ended is True or isinstance(ended, Failed | asyncio.CancelledError)
    assert asyncio.all_tasks() == before
    assert (engine.running, engine.most <= engine.in_flight) == (0, True)
    assert paper.closed == 1
    assert paper.written == whole(count)[: len(paper.written)]
    if ended is True:
        assert paper.written == whole(count)
        assert engine.asked == count


async def test_whoever_leaves_at_the_very_end_leaves_it_closed() -> None:
    """Whatever the loop was at: also while what was read is let go of."""
    over = False
    for turns in range(1, 400):
        paper = Paper()
        reader = windows(0, fails_at=-1, silent=None)
        running = asyncio.create_task(
            run(
                reader,
                engine=Moody(random.Random(1), 2, fails_at=-1),  # noqa: S311  the same
                keeper=paper,
                progress=lambda _w, _a: None,
            )
        )
        await leave(running, turns)
        (ended,) = await asyncio.gather(running, return_exceptions=True)
        assert (turns, paper.closed) == (turns, 1)
        over = over or ended is True
    assert over


async def test_leaving_lets_the_reader_go() -> None:
    """Its thread ends, rather than to wait for ever for room that nobody makes."""

    def endless() -> Iterator[Window]:
        yield from windows(100_000, fails_at=-1, silent=None)

    engine = Moody(random.Random(1), 2, fails_at=3)  # noqa: S311  the same
    with pytest.raises(Failed):
        await run(endless(), engine=engine, keeper=Paper(), progress=lambda _w, _a: None)
    for thread in threading.enumerate():
        if thread.name == "reader":
            await asyncio.to_thread(thread.join, PATIENCE)
            assert not thread.is_alive()

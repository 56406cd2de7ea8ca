"""The loop: order, how much is in flight, and what an error leaves."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.bulk import record as records
from app.bulk.added import Added
from app.bulk.ahead import AHEAD, ReadAhead
from app.bulk.engine import Answer
from app.bulk.form import Format, form
from app.bulk.memory import Memory
from app.bulk.record import Record, Window
from app.bulk.run import run
from app.errors import ConfigurationError

USAGE = {
    "billed_characters": 1, "price": "0.000000001", "cost": "0.000000002", "currency": "GBP", "compute_seconds": 0.5
}  # fmt: skip
WINDOWS = 20


def translated(text: str) -> dict[str, Any]:
    return {
        "text": text.upper(), "source": "pt", "confidence": 1.0, "target": "en", "status": "translated",
        "flags": ["f"], "models": ["m"], "error": None, "characters": len(text),
    }  # fmt: skip


@dataclass
class Backwards:
    """Answers the newest window first."""

    in_flight: int = 4
    waiting: list[tuple[Sequence[str], asyncio.Future[Answer]]] = field(default_factory=list)
    most: int = 0
    expected: int = WINDOWS

    async def translate(self, texts: Sequence[str], window: int) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting.append((texts, future))
        self.most = max(self.most, len(self.waiting))
        if len(self.waiting) == self.in_flight or window == self.expected:
            while self.waiting:
                mine, done = self.waiting.pop()
                done.set_result(Answer(tuple(map(translated, mine)), (USAGE,)))
        return await future


@dataclass
class Paper:
    written: list[str] = field(default_factory=list)
    closed: int = 0

    def keep(self, window: Window, answer: Answer) -> None:
        del window
        self.written += [each["text"] for each in answer.translations]

    def close(self) -> None:
        self.closed += 1


def windows(count: int = WINDOWS) -> Iterator[Window]:
    shape = form(Format.TXT, Added(("text",), flat=False))
    for number in range(1, count + 1):
        found = shape.records([f"w{number} l{n}\n".encode() for n in range(3)])
        yield from records.windows(found, after=number - 1)


def whole(count: int = WINDOWS) -> list[str]:
    return [text.upper() for window in windows(count) for text in window.texts]


async def go(
    engine: Any,
    paper: Paper,
    found: Iterator[Window],
    drain: asyncio.Event | None = None,
    memory: Memory | None = None,
) -> bool:
    try:
        return await run(
            found, engine=engine, keeper=paper, progress=lambda _w, _a: None, drain=drain, memory=memory
        )
    finally:
        assert paper.closed == 1


async def test_answers_out_of_order_are_written_in_order() -> None:
    paper, engine = Paper(), Backwards()
    assert await go(engine, paper, windows())
    assert paper.written == whole()
    assert engine.most == engine.in_flight


async def test_draining_finishes_what_is_in_flight_and_no_more() -> None:
    drain = asyncio.Event()
    asked: list[int] = []

    class Slow:
        in_flight = 3

        async def translate(self, texts: Sequence[str], window: int) -> Answer:
            asked.append(window)
            if window == 7:
                drain.set()
            for _ in range(5):
                await asyncio.sleep(0)
            return Answer(tuple(map(translated, texts)), (USAGE,))

    paper = Paper()
    assert not await go(Slow(), paper, windows(1_000), drain)
    assert 7 <= len(asked) < 30
    assert paper.written == whole(len(asked))


async def test_where_memory_is_tight_windows_go_one_by_one() -> None:
    """Until it is not any more; what is too much with nothing in the engine ends the run."""
    used = iter([5, 5, 5, 50, 50, 5, 5, 50, 5, 5, 50, *[50] * 20])

    class Prompt:
        in_flight = 4

        async def translate(self, texts: Sequence[str], window: int) -> Answer:
            assert window
            return Answer(tuple(map(translated, texts)), (USAGE,))

    paper = Paper()
    with pytest.raises(ConfigurationError, match="more than --max-memory"):
        await go(Prompt(), paper, windows(), memory=Memory(10, used=lambda: next(used)))
    assert paper.written == whole()[: len(paper.written)]
    assert 5 <= len(paper.written) // 3 < WINDOWS


async def test_a_silent_input_can_be_drained() -> None:
    drain, released = asyncio.Event(), threading.Event()

    def silent() -> Iterator[Window]:
        yield from windows(2)
        released.wait(timeout=30)

    class Telling(Backwards):
        async def translate(self, texts: Sequence[str], window: int) -> Answer:
            if window == 2:
                drain.set()
            return await super().translate(texts, window)

    paper = Paper()
    assert not await go(Telling(in_flight=1), paper, silent(), drain)
    released.set()
    assert paper.written == whole(2)


async def test_an_error_of_the_engine_ends_the_run_and_keeps_what_was_before() -> None:
    class Broken:
        in_flight = 2

        async def translate(self, texts: Sequence[str], window: int) -> Answer:
            if window == 5:
                raise ConnectionError
            return Answer(tuple(map(translated, texts)), (USAGE,))

    paper = Paper()
    with pytest.raises(ConnectionError):
        await go(Broken(), paper, windows())
    assert len(paper.written) == 4 * 3


async def test_an_error_of_the_reader_is_raised_once_what_was_read_is_written() -> None:
    def broken() -> Iterator[Window]:
        yield from windows(1)
        raise OSError("gone")

    paper = Paper()
    with pytest.raises(OSError, match="gone"):
        await go(Backwards(in_flight=1), paper, broken())
    assert len(paper.written) == 3


async def test_a_silent_input_holds_nothing_back() -> None:
    written = threading.Event()

    class Announcing(Paper):
        def keep(self, window: Window, answer: Answer) -> None:
            super().keep(window, answer)
            written.set()

    def slow() -> Iterator[Window]:
        yield from windows(1)
        assert written.wait(timeout=30)

    await go(Backwards(in_flight=1), Announcing(), slow())
    assert written.is_set()


async def test_nothing_is_asked_for_a_window_without_texts() -> None:
    class Never:
        in_flight = 1

    bad = Window(1, (Record(1, b"\xff\n", (), "bad"), Record(2, b"", (None,))))
    assert await go(Never(), Paper(), iter([]))
    assert await go(Never(), Paper(), iter([bad]))


async def test_reading_stays_a_little_ahead() -> None:
    read = 0
    enough = threading.Event()

    def items() -> Iterator[int]:
        nonlocal read
        for number in range(100):
            read += 1
            if read > AHEAD:
                enough.set()
            yield number

    async for number in ReadAhead(items()):
        await asyncio.to_thread(enough.wait)
        assert read <= number + AHEAD + 2

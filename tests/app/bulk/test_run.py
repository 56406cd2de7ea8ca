"""The loop: order, how much is in flight, and what an error leaves."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.bulk import corpus
from app.bulk.ahead import AHEAD, ReadAhead
from app.bulk.corpus import Format, Record
from app.bulk.engine import Answer
from app.bulk.report import Report
from app.bulk.run import run

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
    written: list[bytes] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def fail(self, line: int, code: str, message: str) -> None:
        del code, message
        self.failures.append(line)


def windows(count: int = WINDOWS) -> Iterator[list[Record]]:
    form = corpus.form(Format.TXT, "")
    for number in range(count):
        yield list(corpus.records([f"w{number} l{n}\n".encode() for n in range(3)], form))


async def go(engine: Any, paper: Paper, found: Iterator[list[Record]]) -> Report:
    report = Report("job")
    form = corpus.form(Format.TXT, "")
    await run(found, form, engine=engine, sink=paper, report=report, progress=lambda _size, _characters: None)
    return report


async def test_answers_out_of_order_are_written_in_order() -> None:
    paper, engine = Paper(), Backwards()
    report = await go(engine, paper, windows())
    expected = [record.raw.upper() + b"\n" for window in windows() for record in window]
    assert paper.written == expected
    assert engine.most == engine.in_flight
    assert (report.records, report.billed_characters) == (60, WINDOWS)
    assert report.body()["price"] == "0.000000020"
    assert report.body()["flags"] == {"f": 60}


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
    def broken() -> Iterator[list[Record]]:
        yield from windows(1)
        raise OSError("gone")

    paper = Paper()
    with pytest.raises(OSError, match="gone"):
        await go(Backwards(in_flight=1), paper, broken())
    assert len(paper.written) == 3


async def test_a_silent_input_holds_nothing_back() -> None:
    written = threading.Event()

    class Announcing(Paper):
        def write(self, data: bytes) -> None:
            super().write(data)
            written.set()

    def slow() -> Iterator[list[Record]]:
        yield from windows(1)
        assert written.wait(timeout=30)

    await go(Backwards(in_flight=1), Announcing(), slow())
    assert written.is_set()


async def test_nothing_is_asked_for_a_window_without_texts() -> None:
    class Never:
        in_flight = 1

    report = await go(Never(), Paper(), iter([]))
    assert report.body()["cost_per_million"] is None
    bad = [Record(1, b"\xff", b"\n", None, "bad")]
    paper = Paper()
    report = await go(Never(), paper, iter([bad]))
    assert (paper.written, paper.failures, report.failed) == ([b"\xff\n"], [1], 1)


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

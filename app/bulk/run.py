"""The loop of a bulk run: windows of records to an engine, several at once, and back in the order they came."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from app.bulk.ahead import ReadAhead
from app.bulk.corpus import Form, Record
from app.bulk.engine import Answer, Body, Engine
from app.bulk.output import Sink
from app.bulk.report import Report

INVALID_RECORD = "invalid_record"
Progress = Callable[[int, int], None]
"""Told of bytes read and characters translated, after each window is written."""


@dataclass(frozen=True, slots=True)
class InFlight:
    window: Sequence[Record]
    answer: asyncio.Task[Answer]


Flying = asyncio.Queue[InFlight | None]
"""In the order of the records; None after the last."""


async def run(
    windows: Iterator[Sequence[Record]],
    shape: Form,
    *,
    engine: Engine,
    sink: Sink,
    report: Report,
    progress: Progress,
) -> None:
    """Fills `report`, so that it also stands for a run that was cut short. Raises the first error that ends it."""
    started = time.perf_counter()
    flying: Flying = asyncio.Queue()
    room = asyncio.Semaphore(engine.in_flight)
    reading = asyncio.create_task(_send(windows, engine, flying, room))
    writer = _Writer(shape, sink, report, progress)
    try:
        while (each := await flying.get()) is not None:
            await writer.write(each.window, await each.answer)
            room.release()
        await reading
    finally:
        report.seconds = time.perf_counter() - started
        await _drop(reading, flying)


async def _send(
    windows: Iterator[Sequence[Record]], engine: Engine, flying: Flying, room: asyncio.Semaphore
) -> None:
    """Ends with None in `flying`, also when reading fails: what was read before is written first."""
    number = 0
    try:
        async with aclosing(aiter(ReadAhead(windows))) as read:
            async for window in read:
                await room.acquire()
                number += 1
                flying.put_nowait(InFlight(window, asyncio.create_task(_ask(engine, window, number))))
    finally:
        flying.put_nowait(None)


async def _ask(engine: Engine, window: Sequence[Record], number: int) -> Answer:
    texts = [record.text for record in window if record.text is not None]
    return await engine.translate(texts, number) if texts else Answer((), ())


async def _drop(reading: asyncio.Task[None], flying: Flying) -> None:
    left: list[asyncio.Task[Any]] = [reading]
    while not flying.empty():
        each = flying.get_nowait()
        if each is not None:
            left.append(each.answer)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Writer:
    shape: Form
    sink: Sink
    report: Report
    progress: Progress

    async def write(self, window: Sequence[Record], answer: Answer) -> None:
        await asyncio.to_thread(self._write, window, answer)

    def _write(self, window: Sequence[Record], answer: Answer) -> None:
        translations = iter(answer.translations)
        for record in window:
            self._settle(record, next(translations) if record.text is not None else None)
        for usage in answer.usages:
            self.report.charge(usage)
        self.progress(sum(record.size for record in window), sum(len(each.text or "") for each in window))

    def _settle(self, record: Record, translation: Body | None) -> None:
        if translation is not None:
            self.report.add(translation)
            self.sink.write(self.shape.write(record, translation))
            self._tell(record, translation)
            return
        self.sink.write(record.raw + record.ending)
        if record.problem is not None:
            self.report.refuse(INVALID_RECORD)
            self.sink.fail(record.line, INVALID_RECORD, record.problem)

    def _tell(self, record: Record, translation: Body) -> None:
        error = translation["error"]
        if translation["status"] == "failed" and error is not None:
            self.sink.fail(record.line, error["code"], error["message"])

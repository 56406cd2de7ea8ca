"""The loop of a bulk run: windows of records to an engine, several at once, and back in the order they came."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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
    running: deque[InFlight] = deque()
    writer = _Writer(shape, sink, report, progress)
    try:
        number = 0
        async for window in ReadAhead(windows):
            number += 1
            running.append(InFlight(window, asyncio.create_task(_ask(engine, window, number))))
            while len(running) >= engine.in_flight or (running and running[0].answer.done()):
                await writer.take(running)
        while running:
            await writer.take(running)
    finally:
        report.seconds = time.perf_counter() - started
        await _drop(running)


async def _ask(engine: Engine, window: Sequence[Record], number: int) -> Answer:
    texts = [record.text for record in window if record.text is not None]
    return await engine.translate(texts, number) if texts else Answer((), ())


async def _drop(running: deque[InFlight]) -> None:
    for each in running:
        each.answer.cancel()
    await asyncio.gather(*(each.answer for each in running), return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Writer:
    shape: Form
    sink: Sink
    report: Report
    progress: Progress

    async def take(self, running: deque[InFlight]) -> None:
        """Awaits and writes the oldest window."""
        answer = await running[0].answer
        window = running.popleft().window
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

"""B2: what a bulk job does to somebody who waits, and what waiting people do to the bulk job."""

import asyncio
import json
import random
import statistics
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Protocol

from app.bench import load
from app.bench.corpus import sentences
from app.bench.embedded import embedded
from app.bench.machine import Watch
from app.bench.measure import Row, at_least, at_most, interleave, percentile, row
from app.bench.plan import Plan
from app.bench.service import HOST, BenchmarkFailed, Server, dragoman
from app.results import TranslationRequest
from app.runtime import Runtime
from app.settings import load_settings
from app.telemetry import Telemetry
from batching.work import Priority

TITLE = "Interactive requests beside a bulk job"
ABOUT = (
    "A sentence every 250 ms on average (sent when due, whether or not the last was answered), a bulk job that always "
    "keeps 1,024 sentences waiting, each alone and both together: in one process without HTTP, and over HTTP, where "
    "the bulk job is 16 clients that post 64 texts at a time with `X-Priority: bulk`."
)
INTERVAL = 0.25
"""Mean seconds between two interactive sentences: about a tenth of what two cores can do."""
WINDOW, WINDOWS = 64, 16
SETTLE = 2.0
"""Seconds before anything is measured: for the bulk job to fill the engine, or the last one's batches to leave it."""
PHASES = ("idle", "bulk", "both")


@dataclass(frozen=True, slots=True)
class Phase:
    latencies: tuple[float, ...]
    bulk_rate: float
    """Source tokens a second, or over HTTP segments; 0 without a bulk job."""
    foreign: float


class Place(Protocol):
    """Where the work is done."""

    async def one(self, text: str) -> None:
        """A sentence that somebody waits for."""

    async def window(self, texts: Sequence[str]) -> None:
        """A part of the bulk job."""

    def bulk(self) -> float:
        """How much bulk work has been through the engine so far."""


def run(plan: Plan) -> list[Row]:
    return [
        *_rows(asyncio.run(_phases(plan, _embedded())), ""),
        *_rows(asyncio.run(_phases(plan, _over_http())), "over HTTP: "),
    ]


def _rows(measured: dict[str, list[Phase]], where: str) -> Iterator[Row]:
    foreign = max(phase.foreign for phases in measured.values() for phase in phases)
    for share, goal in ((0.5, at_most(1.5)), (0.95, at_most(2.0))):
        idle, both = (_percentiles(measured[name], share) for name in ("idle", "both"))
        values = [loaded / alone for loaded, alone in zip(both, idle, strict=True)]
        name = f"{where}p{100 * share:.0f}, beside bulk ÷ idle"
        note = f"{_ms(idle)} ms idle, {_ms(both)} ms beside bulk"
        yield row(name, values, goal=goal, foreign=foreign, note=note)
    kept = [
        both.bulk_rate / alone.bulk_rate
        for both, alone in zip(measured["both"], measured["bulk"], strict=True)
    ]
    yield row(f"{where}bulk throughput kept", kept, goal=at_least(0.8), foreign=foreign)


def _percentiles(phases: Sequence[Phase], share: float) -> list[float]:
    return [percentile(phase.latencies, share) for phase in phases]


def _ms(seconds: Sequence[float]) -> str:
    return f"{1000 * statistics.median(seconds):.0f}"


class Meter(Telemetry):
    """Counts bulk tokens batch by batch: whole requests come back in bursts, for a batch takes from many."""

    bulk_tokens = 0

    def batch(
        self, model: str, *, priority: Priority, segments: int, tokens: int, padded: int, compute_ns: int
    ) -> None:
        if priority is Priority.BULK:
            self.bulk_tokens += tokens
        super().batch(
            model, priority=priority, segments=segments, tokens=tokens, padded=padded, compute_ns=compute_ns
        )


class _Embedded:
    def __init__(self, running: Runtime, meter: Meter) -> None:
        self._running = running
        self._meter = meter

    async def one(self, text: str) -> None:
        await self._running.translation.translate(TranslationRequest([text], "pt", "en", tenant="desk"))

    async def window(self, texts: Sequence[str]) -> None:
        request = TranslationRequest(texts, "pt", "en", tenant="archive", priority=Priority.BULK)
        await self._running.translation.translate(request)

    def bulk(self) -> float:
        return self._meter.bulk_tokens


@asynccontextmanager
async def _embedded() -> AsyncIterator[Place]:
    settings = load_settings()
    meter = Meter(batch_tokens=settings.batch_tokens, batch_segments=settings.batch_segments)
    async with embedded(telemetry=meter, unlimited=False) as running:
        yield _Embedded(running, meter)


class _OverHttp:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def one(self, text: str) -> None:
        await self._post([text], "interactive")

    async def window(self, texts: Sequence[str]) -> None:
        await self._post(texts, "bulk")

    def bulk(self) -> float:
        with urllib.request.urlopen(f"http://{HOST}:{self._server.port}/metrics", timeout=30) as answer:
            lines: list[str] = answer.read().decode().splitlines()
        mine = (line for line in lines if line.startswith("dragoman_segments_total{") and '"bulk"' in line)
        return sum(float(line.rpartition(" ")[2]) for line in mine)

    async def _post(self, texts: Sequence[str], priority: str) -> None:
        """On a connection of its own. Raises BenchmarkFailed unless the answer is a 200."""
        body = json.dumps({"text": list(texts), "source": "en", "target": "pt"}).encode()
        headers = {"X-Priority": priority, "Connection": "close"}
        order = {"path": "/v1/translate", "host": HOST, "port": self._server.port, "headers": headers}
        reader, writer = await asyncio.open_connection(HOST, self._server.port)
        try:
            writer.write(load.request(order, body))
            status, _ = await load.answer(reader)
        finally:
            writer.close()
        if status != "200":
            raise BenchmarkFailed(f"/v1/translate answered {status}; only 200 can be measured.")


@asynccontextmanager
async def _over_http() -> AsyncIterator[Place]:
    with dragoman(environment={"DRAGOMAN_QUEUE_TOKENS": "1000000"}) as server:
        yield _OverHttp(server)


async def _phases(plan: Plan, at: AbstractAsyncContextManager[Place]) -> dict[str, list[Phase]]:
    texts = sentences(2_048 + 256)
    measured: dict[str, list[Phase]] = {name: [] for name in PHASES}
    async with at as place:
        for seed, name in enumerate(interleave(PHASES, rounds=plan.rounds, seed=plan.seed)):
            phase = await _phase(name, place, texts, seconds=plan.size(15, 6), seed=plan.seed + seed)
            measured[name].append(phase)
    return measured


async def _phase(name: str, place: Place, texts: Sequence[str], *, seconds: float, seed: int) -> Phase:
    bulk = _Bulk(place, texts[256:])
    if name != "idle":
        bulk.start()
    await asyncio.sleep(SETTLE)
    before, watch = place.bulk(), Watch()
    latencies: list[float] = []
    if name == "bulk":
        await asyncio.sleep(seconds)
    else:
        latencies = await _people(place, texts[:256], seconds=seconds, seed=seed)
    wall, _, foreign = watch.read()
    rate = (place.bulk() - before) / wall
    await bulk.stop()
    return Phase(tuple(latencies), rate, foreign)


async def _people(place: Place, texts: Sequence[str], *, seconds: float, seed: int) -> list[float]:
    """Latency of each sentence, counted from when it was due."""
    chance = random.Random(seed)  # noqa: S311  arrival times, not a secret
    loop = asyncio.get_running_loop()
    due, end = loop.time(), loop.time() + seconds
    waiting: list[asyncio.Task[float]] = []
    for text in cycle(texts):
        due += chance.uniform(0.5, 1.5) * INTERVAL
        if due > end:
            break
        await asyncio.sleep(due - loop.time())
        waiting.append(asyncio.create_task(_one(place, text, due)))
    return list(await asyncio.gather(*waiting))


async def _one(place: Place, text: str, due: float) -> float:
    await place.one(text)
    return asyncio.get_running_loop().time() - due


class _Bulk:
    """Keeps WINDOWS windows with the engine until stopped."""

    def __init__(self, place: Place, texts: Sequence[str]) -> None:
        self._place = place
        self._windows = cycle([texts[start : start + WINDOW] for start in range(0, len(texts), WINDOW)])
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._go_on()) for _ in range(WINDOWS)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _go_on(self) -> None:
        while True:
            await self._place.window(next(self._windows))

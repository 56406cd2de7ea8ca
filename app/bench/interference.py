"""B2: what a bulk job does to somebody who waits, and what waiting people do to the bulk job."""

import asyncio
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from app.bench.corpus import sentences
from app.bench.embedded import embedded
from app.bench.machine import Watch
from app.bench.measure import Row, at_least, at_most, interleave, percentile, row, skipped
from app.bench.plan import Plan
from app.results import TranslationRequest
from app.runtime import Runtime
from app.settings import load_settings
from app.telemetry import Telemetry
from batching.work import Priority

TITLE = "Interactive requests beside a bulk job"
ABOUT = (
    "In one process, without HTTP: a sentence every 250 ms on average (sent when due, whether or not the last was "
    "answered), a bulk job that always keeps 1,024 sentences waiting, each alone and both together."
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
    """Source tokens a second; 0 without a bulk job."""
    foreign: float


def run(plan: Plan) -> list[Row]:
    measured = asyncio.run(_phases(plan))
    rows = [skipped("over HTTP", "measured in one process only")]
    foreign = max(phase.foreign for phases in measured.values() for phase in phases)
    for share, goal in ((0.5, at_most(1.5)), (0.95, at_most(2.0))):
        idle, both = (_percentiles(measured[name], share) for name in ("idle", "both"))
        values = [loaded / alone for loaded, alone in zip(both, idle, strict=True)]
        note = f"{_ms(idle)} ms idle, {_ms(both)} ms beside bulk"
        rows.append(
            row(f"p{100 * share:.0f}, beside bulk ÷ idle", values, goal=goal, foreign=foreign, note=note)
        )
    kept = [
        both.bulk_rate / alone.bulk_rate
        for both, alone in zip(measured["both"], measured["bulk"], strict=True)
    ]
    rows.append(row("bulk throughput kept", kept, goal=at_least(0.8), foreign=foreign))
    return rows


def _percentiles(phases: Sequence[Phase], share: float) -> list[float]:
    return [percentile(phase.latencies, share) for phase in phases]


def _ms(seconds: Sequence[float]) -> str:
    return f"{1000 * statistics.median(seconds):.0f}"


class Meter(Telemetry):
    """Counts bulk tokens batch by batch: whole requests come back in bursts, for a batch takes from many."""

    bulk = 0

    def batch(
        self, model: str, *, priority: Priority, segments: int, tokens: int, padded: int, compute_ns: int
    ) -> None:
        if priority is Priority.BULK:
            self.bulk += tokens
        super().batch(
            model, priority=priority, segments=segments, tokens=tokens, padded=padded, compute_ns=compute_ns
        )


async def _phases(plan: Plan) -> dict[str, list[Phase]]:
    texts = sentences(2_048 + 256)
    measured: dict[str, list[Phase]] = {name: [] for name in PHASES}
    meter = Meter(batch_tokens=load_settings().batch_tokens)
    async with embedded(telemetry=meter) as running:
        for seed, name in enumerate(interleave(PHASES, rounds=plan.rounds, seed=plan.seed)):
            phase = await _phase(name, running, meter, texts, seconds=plan.size(15, 6), seed=plan.seed + seed)
            measured[name].append(phase)
    return measured


async def _phase(
    name: str, running: Runtime, meter: Meter, texts: Sequence[str], *, seconds: float, seed: int
) -> Phase:
    bulk = _Bulk(running, texts[256:])
    if name != "idle":
        bulk.start()
    await asyncio.sleep(SETTLE)
    watch, before = Watch(), meter.bulk
    latencies: list[float] = []
    if name == "bulk":
        await asyncio.sleep(seconds)
    else:
        latencies = await _people(running, texts[:256], seconds=seconds, seed=seed)
    wall, _, foreign = watch.read()
    rate = (meter.bulk - before) / wall
    await bulk.stop()
    return Phase(tuple(latencies), rate, foreign)


async def _people(running: Runtime, texts: Sequence[str], *, seconds: float, seed: int) -> list[float]:
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
        waiting.append(asyncio.create_task(_one(running, text, due)))
    return list(await asyncio.gather(*waiting))


async def _one(running: Runtime, text: str, due: float) -> float:
    await running.translation.translate(TranslationRequest([text], "pt", "en", tenant="desk"))
    return asyncio.get_running_loop().time() - due


class _Bulk:
    """Keeps WINDOWS windows with the engine until stopped."""

    def __init__(self, running: Runtime, texts: Sequence[str]) -> None:
        self._running = running
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
            texts = next(self._windows)
            request = TranslationRequest(texts, "pt", "en", tenant="archive", priority=Priority.BULK)
            await self._running.translation.translate(request)

"""B8: what the queue takes for itself, and how long a start takes."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from app.bench.corpus import sentences
from app.bench.embedded import sampled
from app.bench.measure import Row, Sample, at_most, collect, row, strangers
from app.bench.modes import command, start, strict, threads
from app.bench.plan import Plan
from app.bench.processes import processes
from app.bench.service import Server, dragoman, send, singles
from app.bench.weightless import weightless
from app.settings import Settings
from batching.budget import Budget
from batching.capacity import Capacity
from batching.dispatcher import Dispatcher
from batching.queue import LaneQueue
from batching.work import Priority, WorkItem
from models.card import ModelCard
from models.contracts import LanguagePair, TokenizedSegment
from models.pool import ModelPool
from models.reverse import ReverseBackend
from models.route import Hop, Route

TITLE = "The queue's own time, threads, start"
ABOUT = (
    "The queue with a model that only reverses its text (24 characters, a token each); the choice of one batch with "
    "few and with very many waiting; the whole service with a model that answers with its source; one POST with one "
    "and two engine threads; one process and two; DRAGOMAN_STRICT_REPRODUCIBLE; a cold start of the whole service and "
    "of the command."
)
CARD = ModelCard("reverse", Path(), (LanguagePair("en", "pt"),), "reverse")
ROUTE = Route((Hop(CARD, CARD.pairs[0]),))
BUDGET = Budget(
    Settings.model_fields["batch_tokens"].default, Settings.model_fields["batch_segments"].default
)
"""As shipped."""
TAKES = 25
SMALL = (1_000, 10)


def run(plan: Plan) -> list[Row]:
    return [
        *_queueing(plan),
        *_picking(plan),
        *_service(plan),
        *threads(plan),
        *processes(plan),
        *strict(plan),
        start(plan),
        command(plan),
    ]


def _queueing(plan: Plan) -> Iterator[Row]:
    total = plan.size(40_000, 10_000)
    texts = [f"{number:024d}" for number in range(total)]
    for size, label in ((256, "256 segments a request"), (1, "one segment a request, 64 at once")):
        samples = [asyncio.run(_through(texts, size=size)) for _ in range(plan.rounds)]
        values = [1e6 * sample.cpu / total for sample in samples]
        foreign = strangers(samples)
        yield row(f"queue, {label}", values, unit="µs a segment", goal=at_most(50), foreign=foreign)


async def _through(texts: Sequence[str], *, size: int) -> Sample:
    pool = ModelPool(lambda _: ReverseBackend(), memory_budget=1)
    dispatcher = Dispatcher(
        pool,
        threads=2,
        batch_tokens=BUDGET.tokens,
        batch_segments=BUDGET.segments,
        queue_tokens=100_000_000,
    )
    windows = iter([texts[start : start + size] for start in range(0, len(texts), size)])

    async def client() -> None:
        for window in windows:
            await dispatcher.submit(window, ROUTE, tenant="local")

    async def everyone() -> None:
        await asyncio.gather(*(client() for _ in range(64 if size == 1 else 8)))

    sample, _ = await sampled(len(texts), everyone)
    await dispatcher.stop(timeout=5)
    return sample


def _picking(plan: Plan) -> Iterator[Row]:
    few = [_take(*SMALL) for _ in range(plan.rounds)]
    small = f"{SMALL[0]:,} waiting of {SMALL[1]} tenants"
    yield row(f"choosing a batch, {small}", [1e6 * each for each in few], unit="µs")
    for waiting, tenants in ((100_000, 10), (100_000, 10_000), (plan.size(1_000_000, 200_000), 10_000)):
        many = [_take(waiting, tenants) for _ in range(plan.rounds)]
        values = [a / b for a, b in zip(many, few, strict=True)]
        note = f"{1e6 * statistics.median(many):,.0f} µs"
        name = f"choosing a batch, {waiting:,} waiting of {tenants:,} tenants ÷ {small}"
        yield row(name, values, goal=at_most(2), note=note)


def _take(waiting: int, tenants: int) -> float:
    """Median seconds of choosing one batch."""
    queue = LaneQueue(Capacity(1 << 60, threads=2), budget=BUDGET)
    segments = [TokenizedSegment(("x",) * size) for size in range(5, 60)]
    for number in range(waiting):
        segment = segments[number * 7 % len(segments)]
        queue.put(WorkItem(segment, f"tenant-{number % tenants}", Priority.INTERACTIVE, number, 0.0))
    return statistics.median(_once(queue) for _ in range(TAKES))


def _once(queue: LaneQueue) -> float:
    began = time.perf_counter()
    queue.take()
    return time.perf_counter() - began


def _service(plan: Plan) -> Iterator[Row]:
    """All that is not the engine: HTTP, detection, segments, queue, ledger."""
    texts = sentences(plan.size(3_000, 600))

    def ask(server: Server, source: str) -> Sample:
        return send(server, singles(texts, source=source), clients=64, characters=len(texts)).sample

    with weightless() as folder, dragoman(environment={"DRAGOMAN_MODEL_DIR": str(folder)}) as server:
        contenders = {source: partial(ask, server, source) for source in ("en", "auto")}
        samples = collect(contenders, rounds=plan.rounds, seed=plan.seed)
    for source, label in (("en", "source declared"), ("auto", "source detected")):
        values = [1e6 / sample.per_cpu for sample in samples[source]]
        name = f"service without engine, 64 clients, {label}"
        yield row(name, values, unit="µs a request", foreign=strangers(samples[source]))

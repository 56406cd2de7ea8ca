"""What docs/scale.md reckons with: one core, the run's own process, an actor's start, the ledger's writes.

    python -m benchmarks.scale [--lines 2000]

Sentences are English lines of FLORES. Prints a Markdown table; CPU seconds where a busy machine would spoil the clock.
"""

import argparse
import asyncio
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from app.bulk.engine import Answer, KnownEngine, Order
from app.bulk.keeping import PartKeeper
from app.bulk.local import embedded
from app.bulk.parts import Parts
from app.bulk.ray import clustered
from app.bulk.record import Record, Window, windows
from app.bulk.run import run
from app.charging import Tariff, entry
from app.ledger.counting import count
from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.store import Ledger, Posting
from app.results import TranslationRequest
from app.settings import Settings
from app.storage.engine import open_database
from benchmarks.texts import evaluation
from tests import postgres

Row = tuple[str, str]
TOGETHER = (1, 16, 256)
"""Entries in one transaction."""
TARIFF = Tariff(Decimal(10), Decimal("0.08"), 1, "GBP")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2_000)
    asked = parser.parse_args()
    texts = evaluation()[: asked.lines]
    rows = [*_runs(texts), *_ledgers()]
    print("| | measured |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {value} |")


def _runs(texts: Sequence[str]) -> Iterator[Row]:
    characters = sum(map(len, texts))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), threads=1, cache="off")
        for name in ("local", "ray"):
            (Path(folder) / name).mkdir()
        local = asyncio.run(_run(embedded(settings, _order()), texts, Path(folder) / "local"))
        yield "one core, everything: characters a CPU-second", f"{characters / local[0]:,.0f}"
        ray = asyncio.run(_run(clustered(settings, _order(), address=None), texts, Path(folder) / "ray"))
    yield (
        "the run's own process, feeding an actor a core: characters a CPU-second",
        f"{characters / ray[0]:,.0f}",
    )
    yield "cores that it feeds, at most", f"{local[0] / ray[0]:,.0f}"
    yield "a Ray cluster of one machine and its first answer, on the clock", f"{ray[1]:.1f} s"
    yield "a window of 200 sentences, pickled", f"{len(pickle.dumps(_request(texts[:200]))):,} bytes"


def _order() -> Order:
    return Order(f"scale-{time.time_ns()}", "pt", "en")


async def _run(
    opening: AbstractAsyncContextManager[KnownEngine], texts: Sequence[str], folder: Path
) -> tuple[float, float]:
    """CPU seconds of this process without the first window, and seconds until that was answered."""
    first, *rest = _windows(texts)
    opened = time.perf_counter()
    async with opening as engine:
        await engine.translate(first.texts, first.number)
        ready = time.perf_counter() - opened
        begun = time.process_time()
        keeper = PartKeeper(Parts(folder), engine.models)
        await run(iter([first, *rest]), engine=engine, keeper=keeper, progress=_ignored)
        return time.process_time() - begun, ready


def _ignored(window: Window, answer: Answer) -> None:
    del window, answer


def _windows(texts: Sequence[str]) -> list[Window]:
    return list(windows(Record(line, b"", (text,), size=len(text)) for line, text in enumerate(texts, 1)))


def _request(texts: Sequence[str]) -> TranslationRequest:
    return TranslationRequest(texts, "pt", "en", kind="chunk")


def _ledgers() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _writes("SQLite", Path(folder), "")
        if postgres.binaries() is not None:
            with postgres.temporary() as cluster, cluster.fresh() as url:
                yield from _writes("PostgreSQL", Path(folder), url)


def _writes(name: str, folder: Path, url: str) -> Iterator[Row]:
    database = open_database(folder, url)
    try:
        ledger = Ledger(database)
        for together in TOGETHER:
            rate = _rate(lambda together=together: ledger.append_many(_postings(together)))  # type: ignore[misc]
            yield f"{name}, {together} entries a transaction: entries a second", f"{rate * together:,.0f}"
    finally:
        database.close()


def _rate(work: Callable[[], object], seconds: float = 2.0) -> float:
    """Times a second, on the clock: a disk is waited for."""
    work()
    begun = time.perf_counter()
    times = 0
    while time.perf_counter() - begun < seconds:
        work()
        times += 1
    return times / (time.perf_counter() - begun)


def _postings(number: int) -> list[Posting]:
    return [Posting(_entry(), ()) for _ in range(number)]


def _entry() -> LedgerEntry:
    request = replace(_request(["One."]), kind="chunk")
    line = LedgerLine(
        "en", "pt", ("en", "pt"), ("en-pt",), 1, 0, count("One."), 4, 0, 0, 0, 2, 2, 1_000_000, ("0" * 16,)
    )
    return entry(request, (line,), tariff=TARIFF, created_at=datetime.now(UTC), queue_ns=0)


if __name__ == "__main__":
    main()

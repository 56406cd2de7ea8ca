"""The engine alone, in a process of its own: `python -m app.bench.raw MODEL THREADS`; see models/bare.py."""

import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.bench.measure import Sample
from app.bench.service import length
from app.bench.worker import Worker, working
from app.cli.budgets import batches
from batching.budget import UNBOUNDED, Budget
from models.bare import BareEngine, Run
from models.catalogue import STARTER
from models.contracts import TokenizedSegment

BUDGETS = (
    (256, "tokens"), (512, "tokens"), (1024, "tokens"), (2048, "tokens"), (4096, "tokens"),
    (16, "examples"), (32, "examples"), (64, "examples"),
)  # fmt: skip
"""Largest batch, in padded tokens or in sentences; the best of them is used. Where MKL serves the engine, smaller
ones have been the best; where oneDNN does, larger ones."""
TRIES = 3
TUNED_ON = 512
"""Sentences."""
MODEL = STARTER / "en-pt"


class RawEngine:
    def __init__(self, worker: Worker, texts: Sequence[str]) -> None:
        self._worker = worker
        self._characters = length(texts)
        size, unit = worker.ask(texts=list(texts))["budget"]
        self.note = f"raw at its best with {size:,} {unit} a batch"

    def run(self) -> Sample:
        return self._worker.timed(self._characters)[0]

    def alike(self) -> Sample:
        """The same batches in our backend, where answers do not depend on neighbours; no queue, no checks."""
        return self._worker.timed(self._characters, alike=True)[0]


@contextmanager
def raw_engine(texts: Sequence[str], *, threads: int, model: Path = MODEL) -> Iterator["RawEngine"]:
    """An engine with `texts` tokenised and its budget tuned on some of them."""
    with working([sys.executable, "-m", "app.bench.raw", str(model), str(threads)]) as worker:
        yield RawEngine(worker, texts)


class Engine:
    def __init__(self, model: Path, threads: int) -> None:
        self._bare = BareEngine(model, threads=threads)
        self._budget = BUDGETS[0]
        self._segments: list[TokenizedSegment] = []

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        if "texts" in order:
            self._segments = self._bare.tokenize(order["texts"])
            self._budget = self._best(self._segments[:TUNED_ON])
            return {"budget": self._budget}
        if order.get("alike"):
            run = self._bare.alike(cut(self._segments, self._budget))
        else:
            run = self._run(self._segments, self._budget)
        return {"wall": run.wall, "cpu": run.cpu}

    def _best(self, segments: Sequence[TokenizedSegment]) -> tuple[int, str]:
        """By CPU time, which says how well a budget works even while somebody else keeps the cores."""
        self._run(segments, BUDGETS[0])
        spent: dict[tuple[int, str], list[float]] = {budget: [] for budget in BUDGETS}
        for _ in range(TRIES):
            for budget, seconds in spent.items():
                seconds.append(self._run(segments, budget).cpu)
        return min(BUDGETS, key=lambda budget: statistics.median(spent[budget]))

    def _run(self, segments: Sequence[TokenizedSegment], budget: tuple[int, str]) -> Run:
        return self._bare.run(segments, size=budget[0], unit=budget[1])


def cut(segments: Sequence[TokenizedSegment], budget: tuple[int, str]) -> list[list[TokenizedSegment]]:
    """As the engine cuts them: longest first."""
    size, unit = budget
    return list(batches(segments, Budget(size) if unit == "tokens" else Budget(UNBOUNDED, size)))


def main() -> None:
    engine = Engine(Path(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        print(json.dumps(engine.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

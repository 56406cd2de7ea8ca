"""The engine alone, the limit everything is measured against: `python -m benchmarks.raw MODEL THREADS`.

One `translate_batch` call over tokens made beforehand; CTranslate2 sorts them by length, cuts them by a token
budget and spreads the batches over its workers. Options as in models/marian.py.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ctranslate2

from benchmarks.measure import Sample
from benchmarks.service import length
from benchmarks.worker import Worker, working
from models.card import read_card
from models.contracts import EngineOptions
from models.marian import MarianBackend

BUDGETS = (
    (256, "tokens"), (512, "tokens"), (1024, "tokens"), (2048, "tokens"), (4096, "tokens"),
    (16, "examples"), (32, "examples"), (64, "examples"),
)  # fmt: skip
"""Largest batch, in padded tokens or in sentences; the best of them is used. Where MKL serves the engine, smaller
ones have been the best; where oneDNN does, larger ones."""
TRIES = 3
TUNED_ON = 512
"""Sentences."""
MODEL = Path(__file__).parents[1] / "models" / "starter" / "en-pt"


class RawEngine:
    def __init__(self, worker: Worker, texts: Sequence[str]) -> None:
        self._worker = worker
        self._characters = length(texts)
        size, unit = worker.ask(texts=list(texts))["budget"]
        self.note = f"raw at its best with {size:,} {unit} a batch"

    def run(self) -> Sample:
        return self._worker.timed(self._characters)[0]


@contextmanager
def raw_engine(texts: Sequence[str], *, threads: int, model: Path = MODEL) -> Iterator["RawEngine"]:
    """An engine with `texts` tokenised and its budget tuned on some of them."""
    with working([sys.executable, "-m", "benchmarks.raw", str(model), str(threads)]) as worker:
        yield RawEngine(worker, texts)


class Engine:
    def __init__(self, model: Path, threads: int) -> None:
        card = read_card(model)
        self._pair = card.pairs[0]
        self._backend = MarianBackend(card, EngineOptions())
        self._translator = ctranslate2.Translator(
            str(model), device="cpu", inter_threads=threads, intra_threads=1
        )
        self._budget = BUDGETS[0]
        self._tokens: list[list[str]] = []

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        if "texts" not in order:
            return self._run(self._tokens, self._budget)
        self._tokens = [list(each.tokens) for each in self._backend.tokenize(order["texts"], self._pair)]
        self._budget = self._best(self._tokens[:TUNED_ON])
        return {"budget": self._budget}

    def _best(self, tokens: list[list[str]]) -> tuple[int, str]:
        """By CPU time, which says how well a budget works even while somebody else keeps the cores."""
        self._run(tokens, BUDGETS[0])
        spent: dict[tuple[int, str], list[float]] = {budget: [] for budget in BUDGETS}
        for _ in range(TRIES):
            for budget, seconds in spent.items():
                seconds.append(self._run(tokens, budget)["cpu"])
        return min(BUDGETS, key=lambda budget: statistics.median(spent[budget]))

    def _run(self, tokens: list[list[str]], budget: tuple[int, str]) -> dict[str, Any]:
        wall, cpu = time.perf_counter(), time.process_time()
        self._translator.translate_batch(
            tokens,
            beam_size=1,
            max_batch_size=budget[0],
            batch_type=budget[1],
            max_input_length=0,
            max_decoding_length=511,
            disable_unk=True,
        )
        return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "budget": budget}


def main() -> None:
    engine = Engine(Path(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        print(json.dumps(engine.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()

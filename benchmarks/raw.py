"""The engine alone, the limit everything is measured against: `python -m benchmarks.raw MODEL THREADS`.

One `translate_batch` call over tokens made beforehand; CTranslate2 sorts them by length, cuts them by a token
budget and spreads the batches over its workers. Options as in models/marian.py.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ctranslate2

from benchmarks.worker import Worker, working
from models.card import read_card
from models.contracts import EngineOptions
from models.marian import MarianBackend

BUDGETS = (512, 1024, 2048, 4096)
"""Padded tokens; the best of them is used."""
TUNED_ON = 512
"""Sentences."""
MODEL = Path(__file__).parents[1] / "models" / "starter" / "en-pt"


@contextmanager
def raw_engine(texts: Sequence[str], *, threads: int, model: Path = MODEL) -> Iterator[Worker]:
    """A worker with `texts` tokenised and its budget tuned on them."""
    with working([sys.executable, "-m", "benchmarks.raw", str(model), str(threads)]) as worker:
        worker.ask(texts=list(texts))
        yield worker


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
        some = self._tokens[:TUNED_ON]
        self._run(some, BUDGETS[0])
        # CPU time says how well a budget works even while somebody else keeps the cores.
        self._budget = min(BUDGETS, key=lambda budget: min(self._run(some, budget)["cpu"] for _ in range(2)))
        return {"budget": self._budget}

    def _run(self, tokens: list[list[str]], budget: int) -> dict[str, Any]:
        wall, cpu = time.perf_counter(), time.process_time()
        self._translator.translate_batch(
            tokens,
            beam_size=1,
            max_batch_size=budget,
            batch_type="tokens",
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

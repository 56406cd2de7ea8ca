"""The engine alone, the limit that the queue is measured against: one `translate_batch` call over ready-made tokens.

CTranslate2 sorts them by length, cuts them by a budget and spreads the batches over its workers, as in marian.py.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2

from models.card import read_card
from models.contracts import EngineOptions
from models.marian import MarianBackend


@dataclass(frozen=True, slots=True)
class Run:
    wall: float
    cpu: float
    """CPU-seconds of this process."""


class BareEngine:
    def __init__(self, model: Path, *, threads: int) -> None:
        card = read_card(model)
        self._pair = card.pairs[0]
        self._backend = MarianBackend(card, EngineOptions())
        self._translator = ctranslate2.Translator(
            str(model), device="cpu", inter_threads=threads, intra_threads=1
        )

    def tokenize(self, texts: Sequence[str]) -> list[list[str]]:
        return [list(each.tokens) for each in self._backend.tokenize(texts, self._pair)]

    def run(self, tokens: list[list[str]], *, size: int, unit: str) -> Run:
        """In batches of at most `size` padded "tokens" or "examples"."""
        wall, cpu = time.perf_counter(), time.process_time()
        self._translator.translate_batch(
            tokens,
            beam_size=1,
            max_batch_size=size,
            batch_type=unit,
            max_input_length=0,
            max_decoding_length=511,
            disable_unk=True,
        )
        return Run(time.perf_counter() - wall, time.process_time() - cpu)

"""The engine alone, the limit that the queue is measured against: one `translate_batch` call over ready-made tokens.

CTranslate2 sorts them by length, cuts them by a budget and spreads the batches over its workers, as in marian.py.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import ctranslate2

from models.card import read_card
from models.contracts import EngineOptions, TokenizedSegment
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
        self._threads = threads
        self._backend = MarianBackend(card, EngineOptions(threads=threads))
        self._translator = ctranslate2.Translator(
            str(model), device="cpu", inter_threads=threads, intra_threads=1
        )

    def tokenize(self, texts: Sequence[str]) -> list[TokenizedSegment]:
        return self._backend.tokenize(texts, self._pair)

    def run(self, segments: Sequence[TokenizedSegment], *, size: int, unit: str) -> Run:
        """In batches of at most `size` padded "tokens" or "examples"."""
        tokens = [list(each.tokens) for each in segments]
        return _timed(
            lambda: self._translator.translate_batch(
                tokens,
                beam_size=1,
                max_batch_size=size,
                batch_type=unit,
                max_input_length=0,
                max_decoding_length=511,
                disable_unk=True,
            )
        )

    def alike(self, batches: Sequence[Sequence[TokenizedSegment]]) -> Run:
        """By our backend, whose answers do not depend on neighbours: what that promise costs, and the text that is
        made of the answers' tokens.
        """
        with ThreadPoolExecutor(self._threads) as threads:
            return _timed(lambda: list(threads.map(self._backend.translate, batches)))


def _timed(work: Callable[[], object]) -> Run:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Run(time.perf_counter() - wall, time.process_time() - cpu)

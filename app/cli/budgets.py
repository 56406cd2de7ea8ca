"""How fast a model is by the size of its batches: distinct segments, sorted by length, one batch an engine thread."""

import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from batching.budget import Budget
from models.contracts import Backend, LanguagePair, TokenizedSegment

BUDGETS = (256, 512, 768, 1024, 1536, 2048, 4096)
"""Padded tokens."""
ENOUGH = 0.02
"""Of two budgets this close, the smaller one: whoever waits for an answer waits for a shorter batch."""
_LEAST, _MOST = 512, 1024
"""Segments measured: enough for a few batches of the largest size."""
_TRIAL = 64
_SECONDS = 0.7
"""What one measurement should take, about."""
_SENTENCES = Path(__file__).with_name("sentences.json")
_SEED = 20261122


@dataclass(frozen=True, slots=True)
class Rate:
    """Characters a second with one budget."""

    budget: int
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


def measure(
    backend: Backend, pair: LanguagePair, *, threads: int, rounds: int, most: int
) -> tuple[list[Rate], int]:
    """A rate a budget, and the number of segments. Interleaved and shuffled: what else the machine does hits all.

    `most`: segments of a batch.
    """
    draw = random.Random(_SEED)  # noqa: S311  a fixed draw, not a secret
    with ThreadPoolExecutor(threads, thread_name_prefix="engine") as pool:
        texts = segments(pair.source, _MOST)
        texts = texts[: _affordable(backend, pair, texts[:_TRIAL], pool)]
        tokens, characters = backend.tokenize(texts, pair), sum(map(len, texts))
        runs: dict[int, list[float]] = {budget: [] for budget in BUDGETS}
        for _ in range(rounds):
            for budget in draw.sample(BUDGETS, len(BUDGETS)):
                worked = _seconds(backend, tokens, Budget(budget, most), pool)
                runs[budget].append(characters * threads / worked)
    return [Rate(budget, tuple(found)) for budget, found in runs.items()], len(texts)


def recommended(rates: Sequence[Rate]) -> int:
    best = max(rate.median for rate in rates)
    return min(rate.budget for rate in rates if rate.median >= best * (1 - ENOUGH))


def language(source: str) -> str:
    """Of the built-in sentences that a model with this source language is measured on."""
    return source if source in _texts() else "en"


def segments(source: str, count: int) -> list[str]:
    """Distinct ones, of one to three sentences, the same every time."""
    draw = random.Random(_SEED)  # noqa: S311  the same
    sentences = _texts()[language(source)]
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(draw.sample(sentences, draw.choice((1, 1, 2, 3))))] = None
    return list(found)


def batches(tokens: Sequence[TokenizedSegment], budget: Budget) -> Iterator[list[TokenizedSegment]]:
    """Longest first. A segment above the budget is a batch of its own."""
    batch: list[TokenizedSegment] = []
    for segment in sorted(tokens, key=lambda each: each.length, reverse=True):
        if batch and not budget.allows(batch[0].length, len(batch) + 1):
            yield batch
            batch = []
        batch.append(segment)
    if batch:
        yield batch


def _affordable(backend: Backend, pair: LanguagePair, texts: list[str], pool: ThreadPoolExecutor) -> int:
    tokens = backend.tokenize(texts, pair)
    trial = Budget(BUDGETS[0])
    _seconds(backend, tokens, trial, pool)
    each = _seconds(backend, tokens, trial, pool) / len(texts)
    return min(max(round(_SECONDS / each), _LEAST), _MOST)


def _seconds(
    backend: Backend, tokens: Sequence[TokenizedSegment], budget: Budget, pool: ThreadPoolExecutor
) -> float:
    """What the engine threads worked, summed. Not the time on the clock: with few large batches the last one runs
    alone, which a queue that never empties knows nothing of.
    """

    def work(batch: list[TokenizedSegment]) -> float:
        started = time.perf_counter()
        backend.translate(batch)
        return time.perf_counter() - started

    return sum(pool.map(work, batches(tokens, budget)))


def _texts() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(_SENTENCES.read_text(encoding="utf-8"))
    return found

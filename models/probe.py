"""One model in a process of its own: does it load, what memory does it take, how fast is it, does it answer.

A process, because memory given back is not memory gone, and because an engine that crashes or hangs takes its process
with it.
"""

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import psutil

from models.card import ModelCard
from models.contracts import Backend, EngineOptions, InstallError, ModelError
from models.fault import place
from models.install.trial import tried
from models.loader import WEIGHTLESS, load
from models.memory import give_back

_BATCH = 32


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of it; without a `fault` the figures count."""

    fault: str | None
    load_seconds: float = 0.0
    footprint: int = 0
    """Bytes that the process grew by, from before the load to after the work, less what the allocator gives back."""
    characters_per_second: float = 0.0
    """Of one engine thread, in batches of 32."""
    trial: tuple[str, ...] = ()
    """A sentence for each pair that was tried; empty for a model without weights."""
    doubt: str | None = None
    """What is wrong with its answers: it works, and not as it should."""


def probe(card: ModelCard, options: EngineOptions, texts: Sequence[str], *, seconds: float) -> Probe:
    """`texts` are translated for the card's first pair; after `seconds` the process is ended."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_inside, args=(theirs, card, options, list(texts)), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            return Probe(f"Model {card.id} was not done in {seconds:.0f} s and was given up.")
        found: Probe = ours.recv()
    except EOFError:
        process.join()
        return Probe(f"Model {card.id} ended its process (exit {process.exitcode}).")
    else:
        return found
    finally:
        process.kill()
        process.join()
        ours.close()


def _inside(answer: Connection, card: ModelCard, options: EngineOptions, texts: list[str]) -> None:
    try:
        answer.send(_work(card, options, texts))
    except ModelError as error:
        answer.send(Probe(str(error)))
    except Exception as error:  # noqa: BLE001  becomes the answer
        answer.send(Probe(f"Model {card.id} failed: {place(error)}."))


def _work(card: ModelCard, options: EngineOptions, texts: list[str]) -> Probe:
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    backend = load(card, options)
    loaded = time.perf_counter() - started
    segments = sorted(backend.tokenize(texts, card.pairs[0]), key=lambda segment: segment.length)
    started = time.perf_counter()
    for first in range(0, len(segments), _BATCH):
        backend.translate(segments[first : first + _BATCH])
    worked = max(time.perf_counter() - started, 1e-9)
    give_back()
    grown = max(psutil.Process().memory_info().rss - before, 0)
    trial, doubt = _tried(card, backend)
    return Probe(None, loaded, grown, sum(map(len, texts)) / worked, trial, doubt)


def _tried(card: ModelCard, backend: Backend) -> tuple[tuple[str, ...], str | None]:
    if card.architecture in WEIGHTLESS:
        return (), None
    try:
        return tuple(tried(card, backend)), None
    except InstallError as error:
        return (), str(error)

"""Backends that do as they are told, and an observer that can be waited for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from batching.budget import UNBOUNDED
from batching.dispatcher import Dispatcher
from batching.observer import Served
from batching.work import Priority
from models.card import ModelCard
from models.contracts import Backend, EngineFailure, LanguagePair, ModelError, TokenizedSegment, Translation
from models.pool import ModelPool
from models.reverse import IdentityBackend, ReverseBackend
from models.route import Hop, Route

PATIENCE = 10.0
"""Seconds after which a test that waits for an event has failed."""
POISON = "☠"
"""The engine fails on any batch that holds this."""


class Crowd:
    """How many batches run at once, over all the backends that share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def __enter__(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._now -= 1


class Controlled(ReverseBackend):
    """Spells backwards. While `held`, each batch waits inside the engine for a `release`."""

    def __init__(self, *, held: bool = False, crowd: Crowd | None = None) -> None:
        self.batches: list[list[str]] = []
        self._held = held
        self._permits = threading.Semaphore(0)
        self._started = threading.Semaphore(0)
        self._crowd = crowd or Crowd()

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        texts = ["".join(segment.tokens) for segment in batch]
        with self._crowd:
            self.batches.append(texts)
            self._started.release()
            if self._held and not self._permits.acquire(timeout=PATIENCE):
                raise AssertionError("nobody released the batch")
        if any(POISON in text for text in texts):
            raise EngineFailure("A batch failed.")
        return super().translate(batch)

    async def started(self) -> None:
        """Once for every batch that enters the engine."""
        assert await asyncio.to_thread(self._started.acquire, timeout=PATIENCE)

    def release(self, count: int = 1) -> None:
        self._permits.release(count)

    def open(self) -> None:
        """Lets everything through from now on."""
        self._held = False
        self._permits.release(1000)

    @property
    def seen(self) -> list[str]:
        return [text for batch in self.batches for text in batch]


@dataclass(slots=True)
class Recorder:
    """An Observer that remembers, and wakes whoever waits for a change."""

    waiting: int = 0
    dropped_segments: int = 0
    coalesced_segments: int = 0
    cached_segments: int = 0
    failures: list[tuple[str, int]] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    waits: list[tuple[Priority, float]] = field(default_factory=list)
    batches: list[dict[str, object]] = field(default_factory=list)
    compute_ns: int = 0
    marks: list[str] = field(default_factory=list)
    """Given to submissions, in order; without any nobody wants to know."""
    served_works: list[Served] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def mark(self) -> object | None:
        return self.marks.pop(0) if self.marks else None

    def served(self, works: Sequence[Served]) -> None:
        self.served_works += works
        self._changed.set()

    def queued(self, tokens: int) -> None:
        self.waiting = tokens
        self._changed.set()

    def dropped(self, count: int) -> None:
        self.dropped_segments += count
        self._changed.set()

    def repeated(self, *, coalesced: int, cached: int) -> None:
        self.coalesced_segments += coalesced
        self.cached_segments += cached
        self._changed.set()

    def waited(self, priority: Priority, seconds: Sequence[float]) -> None:
        self.waits += [(priority, each) for each in seconds]
        self._changed.set()

    def batch(
        self, model: str, *, priority: Priority, segments: int, tokens: int, padded: int, compute_ns: int
    ) -> None:
        self.batches.append(
            {"model": model, "priority": priority, "segments": segments, "tokens": tokens, "padded": padded}
        )
        self.compute_ns += compute_ns
        self._changed.set()

    def failed(self, model: str, segments: int) -> None:
        self.failures.append((model, segments))
        self._changed.set()

    def hung(self, model: str) -> None:
        self.hangs.append(model)
        self._changed.set()

    async def until(self, condition: Callable[["Recorder"], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()


Stock = Mapping[str, Backend | ModelError | list[ModelError | Backend]]


@dataclass(slots=True)
class House:
    """A dispatcher over fake models, one for each language pair such as `en-pt`."""

    dispatcher: Dispatcher
    recorder: Recorder
    pool: ModelPool
    _cards: dict[str, ModelCard]

    def route(self, *pairs: str) -> Route:
        return Route(tuple(Hop(self._cards[pair], self._cards[pair].pairs[0]) for pair in pairs))

    def card(self, pair: str) -> ModelCard:
        return self._cards[pair]


@asynccontextmanager
async def house(
    stock: Stock,
    *,
    threads: int = 1,
    batch_tokens: int = 1000,
    batch_segments: int = UNBOUNDED,
    queue_tokens: int = 1_000_000,
    cache_bytes: int = 0,
    patience: float = PATIENCE,
    retry: float = 0.0,
) -> AsyncIterator[House]:
    """A list in the stock holds what the loader does first, second and so on."""
    recorder = Recorder()
    loads = {name: list(each) if isinstance(each, list) else [each] for name, each in stock.items()}

    def load(card: ModelCard) -> Backend:
        queue = loads[card.id]
        made = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(made, ModelError):
            raise made
        return made

    pool = ModelPool(load, memory_budget=1 << 20, retry=retry)
    dispatcher = Dispatcher(
        pool,
        threads=threads,
        batch_tokens=batch_tokens,
        batch_segments=batch_segments,
        queue_tokens=queue_tokens,
        cache_bytes=cache_bytes,
        patience=patience,
        observer=recorder,
    )
    cards = {name: ModelCard(name, Path(name), (LanguagePair(*name.split("-")),)) for name in stock}
    try:
        yield House(dispatcher, recorder, pool, cards)
    finally:
        for each in stock.values():
            if isinstance(each, Controlled):
                each.open()
        await dispatcher.stop(timeout=PATIENCE)
        pool.close()


class Gated(IdentityBackend):
    """Its tokenizer lets nothing out before the gate opens."""

    def __init__(self, engine: Controlled) -> None:
        self._engine = engine
        self.gate = threading.Event()

    def tokenize(
        self, texts: Sequence[str], pair: LanguagePair, *, placed: Collection[int] = ()
    ) -> list[TokenizedSegment]:
        if texts[0] != "busy":
            assert self.gate.wait(timeout=10)
        return super().tokenize(texts, pair, placed=placed)

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        return self._engine.translate(batch)

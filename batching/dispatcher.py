"""Texts in, translations out: tokenised, cut to the model's limit, queued on one lane a hop, put together again."""

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from sys import intern

from batching.budget import Budget
from batching.cache import SegmentCache
from batching.capacity import Capacity
from batching.cores import Cores
from batching.cut import Cut, cut, gather
from batching.errors import Expired, Overloaded, Stopped
from batching.lane import PROOF, Engine, Lane
from batching.observer import Observer, Silent
from batching.threads import Threads
from batching.work import Outcome, Place, Priority
from models.card import ModelCard
from models.contracts import PLAIN, Decoding, TokenizedSegment
from models.links import through
from models.pool import ModelPool
from models.route import Hop, Route

SMALL = 2_000
"""Characters up to which texts are tokenised at once (about 0.1 ms): a thread would cost as much to wake."""


LOADING = 8
"""Models that load side by side."""
CHARACTERS_A_TOKEN = 3
"""Fewer than the models' 4 to 5 on running text, so that what is not tokenised yet is not taken for less than it is."""


class Admission:
    """A request's place: its tokens, by its characters, count as waiting from the door until they are queued."""

    def __init__(self, capacity: Capacity, tenant: str, priority: Priority, *, tokens: int) -> None:
        self._capacity = capacity
        self._tenant = tenant
        self._priority = priority
        self._tokens = tokens
        capacity.hold(tenant, priority, tokens)

    def settle(self) -> None:
        """Its tokens are in the queue, or it has left."""
        if not self._tokens:
            return
        self._capacity.hold(self._tenant, self._priority, -self._tokens)
        self._tokens = 0


class Dispatcher:
    """Create and use it inside a running event loop.

    `batch_tokens` and `batch_segments` are the budget of a batch, `tuned_tokens` those of models, by id, for which
    others were measured.
    """

    def __init__(
        self,
        pool: ModelPool,
        *,
        threads: int,
        batch_tokens: int,
        batch_segments: int,
        queue_tokens: int,
        queue_seconds: float = float("inf"),
        tuned_tokens: Mapping[str, int] | None = None,
        cache_bytes: int = 0,
        patience: float = 120.0,
        observer: Observer | None = None,
    ) -> None:
        self._engine = Engine(
            pool,
            {each: asyncio.Semaphore(threads) for each in Priority},
            Threads(name="engine"),
            Cores(threads),
            Capacity(queue_tokens, threads=threads, patience=queue_seconds),
            SegmentCache(cache_bytes),
            observer or Silent(),
            patience,
        )
        self._preparing = ThreadPoolExecutor(threads, thread_name_prefix="tokenizer")
        # Joined at the end, unlike the engine's: a thread that still loads would take the process down with it.
        self._loading = ThreadPoolExecutor(LOADING, thread_name_prefix="loading")
        self._loads: dict[str, asyncio.Future[None]] = {}
        self._budget = Budget(batch_tokens, batch_segments)
        self._tuned = tuned_tokens or {}
        self._lanes: dict[tuple[str, Decoding, Priority], Lane] = {}
        self._stopping = False
        self._closed = False
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def submit(
        self,
        texts: Sequence[str],
        route: Route,
        *,
        tenant: str,
        priority: Priority = Priority.INTERACTIVE,
        deadline: float | None = None,
        admission: Admission | None = None,
        linked: Collection[int] = (),
        decoding: Decoding = PLAIN,
    ) -> list[Outcome]:
        """One outcome a text, in order. `deadline` is a time of the event loop's clock.

        `linked`: numbers of the texts whose outcomes are to have links. `decoding` holds on every hop, but that others
        are looked for on the last alone.

        With the caller's `admission` it is not asked again whether there is room.
        Raises Overloaded, Expired, Stopped, or the ModelError of a model that cannot be loaded. Cancelling the
        call takes its work out of the queue.
        """
        if admission is None:
            with self.admit(sum(map(len, texts)), tenant=tenant, priority=priority) as own:
                return await self.submit(
                    texts,
                    route,
                    tenant=tenant,
                    priority=priority,
                    deadline=deadline,
                    admission=own,
                    linked=linked,
                    decoding=decoding,
                )
        try:
            with self._engine.pool.claim(route.cards):
                async with nullcontext() if deadline is None else asyncio.timeout_at(deadline):
                    trip = _Trip(tenant, priority, admission, decoding)
                    return await self._travel(texts, route, trip, linked=frozenset(linked))
        except TimeoutError as error:
            raise Expired from error

    @contextmanager
    def admit(
        self, characters: int, *, tenant: str, priority: Priority, timeout: float | None = None
    ) -> Iterator[Admission]:
        """Lets a request in as a whole, before anything is spent on it; stopping waits for it to leave.

        `timeout`: seconds that its caller would wait for its turn.

        Raises Overloaded or Stopped.
        """
        if self._stopping:
            raise Stopped
        self._engine.capacity.admit(tenant, priority, timeout=timeout)
        tokens = characters // CHARACTERS_A_TOKEN
        admission = Admission(self._engine.capacity, tenant, priority, tokens=tokens)
        self._active += 1
        self._idle.clear()
        try:
            yield admission
        finally:
            admission.settle()
            self._active -= 1
            if self._active == 0:
                self._idle.set()

    def refusal(self, tenant: str, priority: Priority, *, timeout: float | None = None) -> Overloaded | None:
        """What `admit` would raise for want of room, for whoever would rather ask than try."""
        return self._engine.capacity.refusal(tenant, priority, timeout=timeout)

    async def warm(self, card: ModelCard) -> None:
        """Loads the model. Raises its ModelError."""
        await asyncio.get_running_loop().run_in_executor(self._loading, self._load, card)

    async def retire(self, current: Sequence[ModelCard]) -> None:
        """Lets go of the models of all other cards as far as nothing needs them any more; for those, call it again."""
        kept = {card.revision for card in current}
        leaving = [key for key, lane in self._lanes.items() if key[0] not in kept and lane.idle]
        for lane in [self._lanes.pop(key) for key in leaving]:
            await lane.stop()
        await asyncio.get_running_loop().run_in_executor(self._loading, self._engine.pool.keep, current)

    async def stop(self, *, timeout: float) -> None:  # noqa: ASYNC109  the drain's own limit, not a cancellation
        """Takes no new work, gives what runs `timeout` seconds, then fails the rest with Stopped."""
        self._stopping = True
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            # A lane answers what runs, and its caller may be about to begin its next hop.
            self._closed = True
        # At once: each may wait for a call that hangs, and none is to begin another meanwhile.
        await asyncio.gather(*(lane.stop() for lane in self._lanes.values()))
        await self._idle.wait()
        self._engine.threads.close()
        self._loading.shutdown(cancel_futures=True)
        self._preparing.shutdown()

    async def _travel(
        self, texts: Sequence[str], route: Route, trip: "_Trip", *, linked: Collection[int]
    ) -> list[Outcome]:
        outcomes: list[Outcome | None] = []
        middle: Sequence[str | None] = texts
        for hop in route.hops:
            leg = trip if hop is route.hops[-1] else trip.halfway
            results = await self._hop(middle, hop, leg, linked=linked)
            outcomes = list(map(_chained, outcomes, results)) if outcomes else results
            middle = [result.text if result else None for result in results]
        return [outcome or Outcome(text) for outcome, text in zip(outcomes, texts, strict=True)]

    async def _hop(
        self, texts: Sequence[str | None], hop: Hop, trip: "_Trip", *, linked: Collection[int]
    ) -> list[Outcome | None]:
        """None where there is no text. What is remembered is not even tokenised."""
        place, get = self._place(hop, trip), self._engine.cache.get
        outcomes = [
            get(place(text, linked=number in linked)) if text else None for number, text in enumerate(texts)
        ]
        new = [(number, text) for number, text in enumerate(texts) if text and outcomes[number] is None]
        if len(new) < len(texts):
            cached = sum(outcome is not None for outcome in outcomes)
            self._engine.observer.repeated(coalesced=0, cached=cached)
        if not new:
            return outcomes
        asked = {position for position, (number, _) in enumerate(new) if number in linked}
        cuts, load_ns = await self._cut([text for _, text in new], hop, asked)
        found = await self._translate(cuts, hop, trip, place)
        for (number, _), outcome in zip(new, found, strict=True):
            outcomes[number] = outcome
        return [each and replace(each, load_ns=load_ns) for each in outcomes] if load_ns else outcomes

    async def _translate(
        self, cuts: Sequence[Cut], hop: Hop, trip: "_Trip", place: "partial[Place | None]"
    ) -> list[Outcome]:
        if self._closed:
            raise Stopped
        trip.admission.settle()
        segments = _decoded([segment for cut in cuts for segment in cut.segments], trip.decoding)
        if not segments:
            return gather(cuts, [])
        places = [place(text, linked=bool(segment.places)) for cut in cuts for text, segment in cut.parts()]
        lane = self._lane(hop.card, trip.decoding, trip.priority)
        return gather(cuts, await lane.translate(segments, tenant=trip.tenant, places=places))

    def _place(self, hop: Hop, trip: "_Trip") -> "partial[Place | None]":
        """Of a text's outcome in the memory of answers. The pair is part of it: a model may have several targets."""
        way = "" if trip.decoding == PLAIN else f" {trip.decoding}"
        # Every entry keeps it: one for all of them.
        model = intern(f"{hop.card.revision} {hop.pair}{way}")
        return partial(self._engine.cache.place, trip.tenant, model)

    def _lane(self, card: ModelCard, decoding: Decoding, priority: Priority) -> Lane:
        """One for each way of decoding, and class: an engine call is shared, and its time with it, by what costs the
        same and waits alike.
        """
        key = (card.revision, decoding, priority)
        lane = self._lanes.get(key)
        if lane is None:
            budget = replace(self._budget, tokens=self._tuned.get(card.id, self._budget.tokens))
            lane = Lane(card, self._engine, budget=budget, priority=priority, decoding=decoding)
            self._lanes[key] = lane
        return lane

    async def _cut(self, texts: Sequence[str], hop: Hop, linked: Collection[int]) -> tuple[list[Cut], int]:
        """In a tokenizer thread, once the model is loaded: neither it nor an engine thread waits for that.

        Also returns the nanoseconds that loading took.
        """
        if sum(map(len, texts)) <= SMALL:
            with self._engine.pool.use_loaded(hop.card) as backend:
                if backend is not None:
                    return cut(texts, hop.pair, backend, linked=linked), 0
        load_ns = await self._ready(hop.card)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._preparing, self._cut_now, texts, hop, linked), load_ns

    async def _ready(self, card: ModelCard) -> int:
        """Loads a cold model in a thread of its own, once for all who wait for it. Raises its ModelError.

        Returns the nanoseconds waited for it.
        """
        with self._engine.pool.use_loaded(card) as backend:
            if backend is not None:
                return 0
        started = time.perf_counter_ns()
        loading = self._loads.get(card.revision)
        if loading is None:
            loading = asyncio.get_running_loop().run_in_executor(self._loading, self._touch, card)
            self._loads[card.revision] = loading
            loading.add_done_callback(partial(self._forget, card.revision))
        await asyncio.shield(loading)
        return time.perf_counter_ns() - started

    def _touch(self, card: ModelCard) -> None:
        with self._engine.pool.use(card):
            pass

    def _forget(self, model: str, loading: asyncio.Future[None]) -> None:
        del self._loads[model]
        # Everyone who waited may have left: nobody else looks at its error then.
        loading.exception()

    def _cut_now(self, texts: Sequence[str], hop: Hop, linked: Collection[int]) -> list[Cut]:
        with self._engine.pool.use(hop.card) as backend:
            return cut(texts, hop.pair, backend, linked=linked)

    def _load(self, card: ModelCard) -> None:
        with self._engine.pool.use(card) as backend:
            pair = card.pairs[0]
            backend.translate(backend.tokenize([PROOF], pair))


@dataclass(frozen=True, slots=True)
class _Trip:
    """Whose texts travel, and how."""

    tenant: str
    priority: Priority
    admission: Admission
    decoding: Decoding

    @property
    def halfway(self) -> "_Trip":
        """On every hop but the last, where the next best are of no use."""
        return replace(self, decoding=replace(self.decoding, others=False))


def _decoded(segments: list[TokenizedSegment], decoding: Decoding) -> list[TokenizedSegment]:
    if decoding == PLAIN:
        return segments
    return [replace(segment, decoding=decoding) for segment in segments]


def _chained(first: Outcome | None, second: Outcome | None) -> Outcome | None:
    """Two hops as one: tokens, time and waiting add up, doubts of either count. None: it had nothing to translate."""
    if first is None or second is None:
        return first
    return replace(
        second,
        source_tokens=first.source_tokens + second.source_tokens,
        target_tokens=first.target_tokens + second.target_tokens,
        compute_ns=first.compute_ns + second.compute_ns,
        queue_ns=first.queue_ns + second.queue_ns,
        load_ns=first.load_ns + second.load_ns,
        cached=first.cached and second.cached,
        truncated=first.truncated or second.truncated,
        unknown=first.unknown + second.unknown,
        parts=max(first.parts, second.parts),
        links=through(first.links, second.links),
        via=(*first.via, first.text or ""),
        scores=(*first.scores, *second.scores) if first.scores and second.scores else (),
    )

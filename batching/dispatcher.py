"""Texts in, translations out: tokenised, cut to the model's limit, queued on one lane a hop, put together again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from batching.errors import Expired, Stopped
from batching.lane import Engine, Lane
from batching.observer import Observer, Silent
from batching.queue import Capacity
from batching.work import Outcome, Priority
from models.card import ModelCard
from models.contracts import TokenizedSegment
from models.pool import ModelPool
from models.route import Hop, Route
from models.splitting import split_to_limit


@dataclass(frozen=True, slots=True)
class Cut:
    """A text, the ranges of it that the model translates, and their tokens."""

    text: str
    ranges: tuple[tuple[int, int], ...]
    segments: tuple[TokenizedSegment, ...]

    def join(self, translations: Sequence[str]) -> str:
        """The translations, with what lay between the ranges (white space) between them."""
        pieces: list[str] = []
        position = 0
        for (start, end), translation in zip(self.ranges, translations, strict=True):
            pieces += (self.text[position:start], translation)
            position = end
        return "".join((*pieces, self.text[position:]))


class Dispatcher:
    """Create and use it inside a running event loop."""

    def __init__(
        self,
        pool: ModelPool,
        *,
        threads: int,
        batch_tokens: int,
        queue_tokens: int,
        observer: Observer | None = None,
    ) -> None:
        self._engine = Engine(
            pool,
            ThreadPoolExecutor(threads, thread_name_prefix="engine"),
            asyncio.Semaphore(threads),
            Capacity(queue_tokens, threads=threads),
            observer or Silent(),
        )
        self._preparing = ThreadPoolExecutor(threads, thread_name_prefix="tokenizer")
        self._budget = batch_tokens
        self._lanes: dict[str, Lane] = {}
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
    ) -> list[Outcome]:
        """One outcome a text, in order. `deadline` is a time of the event loop's clock.

        Raises Overloaded, Expired, Stopped, or the ModelError of a model that cannot be loaded. Cancelling the
        call takes its work out of the queue.
        """
        if self._stopping:
            raise Stopped
        self._engine.capacity.admit()
        async with self._counted():
            try:
                async with asyncio.timeout_at(deadline):
                    return await self._travel(texts, route, tenant=tenant, priority=priority)
            except TimeoutError as error:
                raise Expired from error

    async def warm(self, card: ModelCard) -> None:
        """Loads the model. Raises its ModelError."""
        await asyncio.get_running_loop().run_in_executor(self._preparing, self._load, card)

    async def stop(self, *, timeout: float) -> None:  # noqa: ASYNC109  the drain's own limit, not a cancellation
        """Takes no new work, gives what runs `timeout` seconds, then fails the rest with Stopped."""
        self._stopping = True
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            # A lane answers what runs, and its caller may be about to begin its next hop.
            self._closed = True
        for lane in self._lanes.values():
            await lane.stop()
        await self._idle.wait()
        self._engine.executor.shutdown()
        self._preparing.shutdown()

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        self._active += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._active -= 1
            if self._active == 0:
                self._idle.set()

    async def _travel(
        self, texts: Sequence[str], route: Route, *, tenant: str, priority: Priority
    ) -> list[Outcome]:
        outcomes = [Outcome(text) for text in texts]
        for hop in route.hops:
            alive = [index for index, outcome in enumerate(outcomes) if outcome.text]
            inputs = [outcomes[index].text or "" for index in alive]
            first = hop is route.hops[0]
            results = await self._hop(inputs, hop, tenant=tenant, priority=priority, admit=first)
            for index, result in zip(alive, results, strict=True):
                outcomes[index] = result if first else _chained(outcomes[index], result)
        return outcomes

    async def _hop(
        self, texts: Sequence[str], hop: Hop, *, tenant: str, priority: Priority, admit: bool
    ) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        cuts = await loop.run_in_executor(self._preparing, self._cut, texts, hop)
        if self._closed:
            raise Stopped
        if admit:
            # Again: others may have filled the queue while this was being tokenised.
            self._engine.capacity.admit()
        segments = [segment for cut in cuts for segment in cut.segments]
        if not segments:
            return _gathered(cuts, [])
        parts = await self._lane(hop.card).translate(segments, tenant=tenant, priority=priority)
        return _gathered(cuts, parts)

    def _lane(self, card: ModelCard) -> Lane:
        lane = self._lanes.get(card.id)
        if lane is None:
            lane = self._lanes[card.id] = Lane(card, self._engine, budget=self._budget)
        return lane

    def _cut(self, texts: Sequence[str], hop: Hop) -> list[Cut]:
        """Runs in a tokenizer thread; loads the model if it is cold, without stopping the engine threads."""
        with self._engine.pool.use(hop.card) as backend:
            whole = backend.tokenize(texts, hop.pair)
            limit = backend.token_limit

            def count(text: str) -> int:
                return backend.tokenize([text], hop.pair)[0].length

            cuts: list[Cut] = []
            for text, segment in zip(texts, whole, strict=True):
                if segment.length <= limit:
                    cuts.append(Cut(text, ((0, len(text)),), (segment,)))
                    continue
                ranges = split_to_limit(text, limit=limit, count=count)
                pieces = backend.tokenize([text[start:end] for start, end in ranges], hop.pair)
                cuts.append(Cut(text, tuple(ranges), tuple(pieces)))
            return cuts

    def _load(self, card: ModelCard) -> None:
        with self._engine.pool.use(card) as backend:
            pair = card.pairs[0]
            backend.translate(backend.tokenize(["1"], pair))


def _gathered(cuts: Sequence[Cut], parts: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of the parts, as outcomes of the texts they were cut from."""
    outcomes: list[Outcome] = []
    position = 0
    for cut in cuts:
        mine = parts[position : position + len(cut.segments)]
        position += len(cut.segments)
        outcomes.append(mine[0] if len(mine) == 1 else _merged(cut, mine))
    return outcomes


def _merged(cut: Cut, parts: Sequence[Outcome]) -> Outcome:
    texts = [part.text for part in parts if part.text is not None]
    return Outcome(
        text=cut.join(texts) if len(texts) == len(parts) else None,
        source_tokens=sum(part.source_tokens for part in parts),
        target_tokens=sum(part.target_tokens for part in parts),
        compute_ns=sum(part.compute_ns for part in parts),
        queue_ns=max((part.queue_ns for part in parts), default=0),
        cached=all(part.cached for part in parts),
        truncated=any(part.truncated for part in parts),
        unknown=sum(part.unknown for part in parts),
        parts=len(parts),
    )


def _chained(first: Outcome, second: Outcome) -> Outcome:
    """Two hops as one: tokens, time and waiting add up, doubts of either count."""
    return replace(
        second,
        source_tokens=first.source_tokens + second.source_tokens,
        target_tokens=first.target_tokens + second.target_tokens,
        compute_ns=first.compute_ns + second.compute_ns,
        queue_ns=first.queue_ns + second.queue_ns,
        cached=first.cached and second.cached,
        truncated=first.truncated or second.truncated,
        unknown=first.unknown + second.unknown,
        parts=max(first.parts, second.parts),
    )

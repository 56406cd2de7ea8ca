"""One model's loop: queue -> policy -> backend in a thread -> futures."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

from batching.budget import Budget, padded, share
from batching.cache import SegmentCache
from batching.capacity import Capacity
from batching.company import MOMENT, MOMENTS, Company
from batching.cores import Cores
from batching.errors import Stopped
from batching.marks import served
from batching.observer import Observer
from batching.queue import LaneQueue
from batching.threads import Threads
from batching.work import Group, Outcome, Place, Priority, Ticket, WorkItem
from models.card import ModelCard
from models.contracts import (
    Backend,
    Decoding,
    EngineFailure,
    ModelError,
    ModelUnavailable,
    TokenizedSegment,
    Translation,
)
from models.fault import place
from models.pool import ModelPool

log = logging.getLogger("dragoman.batching")

Translations = list[Translation | None]
"""None where the engine failed on a segment."""

MOST_HANGS = 2
"""Of single segments tried again after their batch hung."""

MOST_FAILURES = 3
PROOF = "1"
"""What every model can translate."""

STOP_PATIENCE = 5.0
"""Seconds that running engine calls are given once a lane is stopped."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What all lanes share: the models, the engine threads, the bound on waiting, the memory of answers."""

    pool: ModelPool
    slots: Mapping[Priority, asyncio.Semaphore]
    """Of each class as many as there are cores: bulk work computes on what interactive work leaves of them."""
    threads: Threads
    cores: Cores
    capacity: Capacity
    cache: SegmentCache
    observer: Observer
    patience: float
    """Seconds after which an engine call is given up as hung."""


class Lane:
    def __init__(
        self, card: ModelCard, engine: Engine, *, budget: Budget, priority: Priority, decoding: Decoding
    ) -> None:
        """`budget`: of a batch. `priority`, `decoding`: of all of them."""
        self._card = card
        self._priority = priority
        # With several hypotheses each segment has a call of its own, and neighbours spare it nothing.
        self._alone = decoding.beam_size > 1
        self._engine = engine
        self._slots = engine.slots[priority]
        # Nobody watches bulk work: its answers may come in any order, and throughput is what counts.
        self._queue = LaneQueue(engine.capacity, budget=budget, wide=priority is Priority.BULK)
        self._company = Company()
        self._arrived = asyncio.Event()
        self._sequence = 0
        self._stopping = False
        self._marked = False
        """Whether the observer ever wanted to know of a submission."""
        self._running: set[asyncio.Task[None]] = set()
        self._failures = 0
        """Batches in a row of which nothing came back."""
        # A context of its own, not that of the request that happened to be the first.
        self._loop_task = asyncio.create_task(self._loop(), name=f"lane {card.id}", context=Context())

    async def translate(
        self, segments: Sequence[TokenizedSegment], *, tenant: str, places: Sequence[Place | None]
    ) -> list[Outcome]:
        """The segments' outcomes, in order. A caller that is cancelled takes its work out of the queue at once.

        `places`: of each segment's outcome in the memory of answers.
        Raises Stopped, or the ModelError of a model that cannot be used.
        """
        group = Group.of(len(segments), mark=self._engine.observer.mark())
        self._marked = self._marked or group.mark is not None
        items = self._enqueue(segments, group, tenant=tenant, places=places)
        try:
            return await group.future
        finally:
            # Cancelled, or failed in one batch: the rest would be work for nobody.
            self._abandon(items)

    @property
    def idle(self) -> bool:
        return not len(self._queue) and not self._running

    async def stop(self) -> None:
        """Ends the loop; what still waits fails with Stopped, what runs is awaited."""
        self._stopping = True
        self._loop_task.cancel()
        await asyncio.wait({self._loop_task, *self._running}, timeout=STOP_PATIENCE)
        for task in self._running:
            task.cancel()
        for item in self._queue.clear():
            for ticket in item.tickets:
                ticket.group.fail(Stopped())
        self._announce()

    def _enqueue(
        self,
        segments: Sequence[TokenizedSegment],
        group: Group,
        *,
        tenant: str,
        places: Sequence[Place | None],
    ) -> list[WorkItem]:
        now, priority = asyncio.get_running_loop().time(), self._priority
        cache, items, joined = self._engine.cache, list[WorkItem](), 0
        for index, (segment, kept) in enumerate(zip(segments, places, strict=True)):
            if (remembered := cache.get(kept)) is not None:
                group.settle(index, remembered)
                continue
            ticket = Ticket(group, index)
            item = self._queue.join((tenant, priority, segment.tokens, segment.places), ticket)
            if item is None:
                item = WorkItem(segment, tenant, priority, self._sequence, now, [ticket], kept)
                self._sequence += 1
                self._queue.put(item)
            else:
                joined += 1
            items.append(item)
        self._engine.observer.repeated(coalesced=joined, cached=len(segments) - len(items))
        self._announce()
        return items

    def _abandon(self, items: Sequence[WorkItem]) -> None:
        dropped = self._queue.drop(items)
        if dropped:
            self._engine.observer.dropped(dropped)
            self._announce()

    def _announce(self) -> None:
        self._engine.observer.queued(self._engine.capacity.waiting)
        if len(self._queue):
            self._arrived.set()
        else:
            self._arrived.clear()

    async def _loop(self) -> None:
        while True:
            await self._arrived.wait()
            # The batch is formed only once a thread is free: until then it grows.
            await self._slots.acquire()
            try:
                await self._joined()
            except asyncio.CancelledError:
                self._slots.release()
                raise
            batch = self._next_batch()
            if not batch:
                self._slots.release()
                continue
            task = asyncio.create_task(self._work(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _joined(self) -> None:
        """Returns when nobody more is to be waited for."""
        for _ in range(MOMENTS):
            if not self._company.expected(len(self._queue), asyncio.get_running_loop().time()):
                return
            await asyncio.sleep(MOMENT)

    def _next_batch(self) -> list[WorkItem]:
        now = asyncio.get_running_loop().time()
        batch = self._taken()
        self._company.meet(batch, now)
        self._announce()
        return batch

    def _taken(self) -> list[WorkItem]:
        if self._priority is not Priority.BULK or self._alone:
            # Filling up with what came later gains nothing here: the model need not be asked.
            return self._queue.take()
        with self._engine.pool.use_loaded(self._card) as backend:
            return self._queue.take() if backend is None else self._queue.take(snug=backend.snug)

    async def _work(self, batch: list[WorkItem]) -> None:
        started = asyncio.get_running_loop().time()
        self._engine.observer.waited(self._priority, [started - item.arrived for item in batch])
        try:
            translations, compute_ns = await self._computed(batch)
            await self._judge(translations)
        except Exception as error:  # noqa: BLE001  recorded as the failure of everyone who waits
            self._tell(batch, [None] * len(batch), started, 0)
            self._fail(batch, error)
            return
        finally:
            self._slots.release()
        self._report(batch, translations, compute_ns)
        self._tell(batch, translations, started, compute_ns)
        shares = share(compute_ns, len(batch))
        for item, translation, nanoseconds in zip(batch, translations, shares, strict=True):
            self._queue.close(item)
            waited = int((started - item.arrived) * 1e9)
            outcome = _outcome(item.segment, translation, nanoseconds, waited)
            self._engine.cache.put(item.place, outcome)
            _settle(item, outcome)

    async def _computed(self, batch: list[WorkItem]) -> tuple[Translations, int]:
        """The engine's answers, and its time without what it stood aside for others."""
        clock, cores = asyncio.get_running_loop().time, self._engine.cores
        since = cores.enter(self._priority, clock())
        try:
            translations, compute_ns = await self._run(batch)
        finally:
            share = cores.leave(self._priority, clock(), since=since)
        if share < 1.0:
            # What it was given is an estimate: right for the bill, no measure of the engine's speed.
            return translations, int(compute_ns * share)
        self._engine.capacity.measure(sum(item.length for item in batch), compute_ns)
        return translations, compute_ns

    async def _run(self, batch: list[WorkItem]) -> tuple[Translations, int]:
        """The engine's answers and its time. Where it hangs, each segment is tried once more, alone.

        After a second hang among those the rest is given up: it is not one segment's fault then.
        """
        found = await self._attempt(batch)
        if found is not None:
            return found
        translations: Translations = []
        compute_ns = hangs = 0
        for item in batch:
            useless = hangs == MOST_HANGS or self._stopping or not item.wanted
            alone = None if useless else await self._attempt([item])
            hangs += alone is None and not useless
            translation, nanoseconds = alone or ([None], 0)
            translations += translation
            compute_ns += nanoseconds
        return translations, compute_ns

    async def _judge(self, translations: Translations) -> None:
        """A model that gives nothing back, batch after batch, is asked for a word of our own: if that fails too, it is
        the model, not what was sent, and it is set aside.
        """
        self._failures = self._failures + 1 if all(each is None for each in translations) else 0
        if self._failures < MOST_FAILURES:
            return
        self._failures = 0
        if not await self._works():
            self._engine.pool.set_aside(self._card, "It translates nothing any more.")

    async def _works(self) -> bool:
        working = self._engine.threads.run(self._prove)
        await asyncio.wait({working}, timeout=self._engine.patience)
        if working.done():
            return working.exception() is None
        working.cancel()
        return False

    def _prove(self) -> None:
        with self._engine.pool.use(self._card) as backend:
            self._chosen(backend).translate(backend.tokenize([PROOF], self._card.pairs[0]))

    def _chosen(self, backend: Backend) -> Backend:
        return backend.behind() if self._priority is Priority.BULK else backend

    async def _attempt(self, batch: Sequence[WorkItem]) -> tuple[Translations, int] | None:
        """None when the engine has not come back in time: that thread is given up, and the model loaded anew."""
        segments = [item.segment for item in batch]
        entered: list[Backend] = []
        working = self._engine.threads.run(lambda: self._translate(segments, entered))
        await asyncio.wait({working}, timeout=self._engine.patience)
        if working.done():
            return working.result()
        working.cancel()
        self._engine.pool.discard(self._card, entered[0] if entered else None)
        self._engine.observer.hung(self._card.id)
        log.error("Model %s: an engine call did not come back and was given up.", self._card.id)
        return None

    def _translate(
        self, segments: list[TokenizedSegment], entered: list[Backend]
    ) -> tuple[Translations, int]:
        """Runs in an engine thread. Also returns the nanoseconds that the engine worked, retries included."""
        with self._engine.pool.use(self._card) as backend:
            entered.append(backend)
            chosen = self._chosen(backend)
            started = time.perf_counter_ns()
            translations = _guarded(chosen, segments)
            return translations, time.perf_counter_ns() - started

    def _report(self, batch: list[WorkItem], translations: Translations, compute_ns: int) -> None:
        lengths = [item.length for item in batch]
        self._engine.observer.batch(
            self._card.id,
            priority=self._priority,
            segments=len(batch),
            tokens=sum(lengths),
            padded=padded(lengths),
            compute_ns=compute_ns,
        )
        failed = sum(translation is None for translation in translations)
        if failed:
            self._engine.observer.failed(self._card.id, failed)

    def _tell(
        self, batch: list[WorkItem], translations: Translations, started: float, compute_ns: int
    ) -> None:
        """Before they are settled: a caller who has the answer has left the span that this is part of."""
        if self._marked:
            failed = sum(each is None for each in translations)
            ended = asyncio.get_running_loop().time()
            self._engine.observer.served(
                served(
                    self._card.id, batch, started=started, ended=ended, compute_ns=compute_ns, failed=failed
                )
            )

    def _fail(self, batch: list[WorkItem], error: Exception) -> None:
        reason = error
        if not isinstance(error, ModelError):
            log.error("Model %s failed: %s", self._card.id, place(error))
            reason = EngineFailure(f"Model {self._card.id} failed.")
            reason.__cause__ = error
        self._engine.observer.failed(self._card.id, len(batch))
        for item in batch:
            self._queue.close(item)
            for ticket in item.tickets:
                ticket.group.fail(reason)


def _guarded(backend: Backend, segments: list[TokenizedSegment]) -> Translations:
    """One engine call; if it raises, its halves are tried, so that only the culprit comes back as None."""
    try:
        return list(backend.translate(segments))
    except ModelUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  recorded as the failure of the one segment left
        if len(segments) == 1:
            log.error("The engine failed on one segment of %d tokens: %s", segments[0].length, place(error))
            return [None]
        middle = len(segments) // 2
        return _guarded(backend, segments[:middle]) + _guarded(backend, segments[middle:])


def _outcome(
    segment: TokenizedSegment, translation: Translation | None, compute_ns: int, queue_ns: int
) -> Outcome:
    return Outcome(
        text=translation.text if translation else None,
        source_tokens=segment.length,
        target_tokens=translation.tokens if translation else 0,
        compute_ns=compute_ns,
        queue_ns=queue_ns,
        truncated=translation.truncated if translation else False,
        unknown=segment.unknown,
        links=translation.links if translation else (),
        others=translation.others if translation else (),
        scores=() if translation is None or translation.score is None else (translation.score,),
    )


def _settle(item: WorkItem, outcome: Outcome) -> None:
    """The first who still waits bears the engine's time; the others share its answer for nothing."""
    waiting = [ticket for ticket in item.tickets if ticket.group.waits]
    for position, ticket in enumerate(waiting):
        if position == 1:
            outcome = outcome.again()
        ticket.group.settle(ticket.number, outcome)

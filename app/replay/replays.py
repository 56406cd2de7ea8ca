"""The same request again: joined to the running one, answered from memory or the database, or at least not charged."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, Protocol, TypeVar

from app.chores import Heard, repeated, unheard
from app.errors import KeyReused, StorageError
from app.ledger.store import Rider
from app.replay import lookups
from app.replay.answer import Answer
from app.replay.ask import Ask
from app.replay.forgotten import Forgotten
from app.replay.memory import Kept, Memory
from app.replay.running import Running
from app.replay.sealing import seal, unseal
from app.replay.store import Found

log = logging.getLogger("dragoman")

OVERLAP = 60.0
"""Seconds after a start in which the process before this one may still be charging what it had begun."""
T = TypeVar("T")
TENDING = 15.0
"""Seconds between two looks for what is over, at most."""

LONG = 32_768
"""Bytes of a sealed answer from which opening it would hold up the event loop."""

How = Literal["joined", "memory", "stored"]


class Store(lookups.Store, Protocol):
    """Blocking."""

    def any(self) -> bool: ...

    def purge(self, *, now: float) -> int: ...

    def keeping(self, sealed: bytes, *, until: float) -> Rider: ...


@dataclass(frozen=True, slots=True)
class Terms:
    mode: Literal["stored", "memory", "off"]
    window: float
    """Seconds in which two equal requests without a key are one; 0: never."""
    keep: float
    """Seconds for which the answer to a request with a key is kept."""
    limit: int
    """Bytes of memory."""
    shared: bool = False
    """Whether other processes charge to the same ledger."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How the work is to be charged, so that a repeat of it is not."""

    key: str | None
    """The caller's Idempotency-Key."""
    implicit_key: str | None
    """What it is charged under without one, if anything is billed."""
    digest: str
    riders: Callable[[Answer, str], tuple[Rider, ...]] | None = None
    """What to write with the charge of this entry; takes a moment for a long answer. None: nothing."""


Work = Callable[[Turn], Coroutine[Any, Any, Answer]]


class Replays:
    """Lives on one event loop."""

    def __init__(
        self,
        store: Store,
        terms: Terms,
        *,
        clock: Callable[[], float] = time.time,
        heard: Callable[[How], None] = lambda _: None,
    ) -> None:
        """`heard` is told of every request that was not worked on again."""
        self._store = store
        self._terms = terms
        self._clock = clock
        self._heard = heard
        self._lookups = lookups.Lookups(store)
        self._running: dict[tuple[str, str], Running] = {}
        self._memory = Memory(terms.limit, forgot=self._forgot)
        self._forgotten = Forgotten(terms.window)
        self._look_until = float("inf")
        """Until then the ledger may hold charges of this window that the memory does not."""

    async def open(self) -> None:
        """What is in the ledger already is another process's, which may have died a moment ago."""
        known = self._terms.shared or await asyncio.to_thread(self._store.any)
        self._look_until = self._clock() + OVERLAP + self._terms.window if known else 0.0
        if self._terms.shared:
            self._look_until = float("inf")

    async def once(self, ask: Ask, work: Work) -> Answer:
        """The answer of `work`, or of an equal request before or beside this one.

        Raises KeyReused for a key that names another request, and what `work` raises. When the request it
        joined fails, this one is tried itself, once more at most beside others.
        """
        if ask.key is None and not self._terms.window:
            return await work(Turn(None, None, ask.digest))
        kept = self._memory.get(ask.place, now=self._clock())
        if kept is not None and kept.answer is not None:
            _same(ask, kept.digest)
            return self._again(kept.answer, "memory")
        failed = False
        while (running := self._running.get(ask.place)) is not None:
            _same(ask, running.digest)
            joined = await running.joined()
            if joined is not None:
                return self._again(joined, "joined")
            if failed and running.error is not None:
                raise running.error
            failed = True
        return await self._lead(ask, work)

    def leave(self, ask: Ask, task: asyncio.Task[Any]) -> None:
        """The caller whose `task` called `once` has gone. Their work goes on if others have joined it."""
        running = self._running.get(ask.place)
        if running is not None and running.led_by(task):
            running.abandon()
        else:
            task.cancel()

    async def tend(self, heard: Heard = unheard) -> None:
        """Lets go of what is over, for as long as the service runs."""

        async def memory_first(work: Callable[[], T]) -> T:
            self._memory.expire(now=self._clock())
            return await asyncio.to_thread(work)

        purge = partial(heard, "replay")
        await repeated(
            lambda: self._store.purge(now=self._clock()), every=TENDING, thread=memory_first, heard=purge
        )

    async def _lead(self, ask: Ask, work: Work) -> Answer:
        running = self._running[ask.place] = Running(asyncio.current_task(), digest=ask.digest)
        try:
            answer = await self._first(ask, work)
        except BaseException as error:
            running.end(error=error)
            raise
        else:
            running.end(answer)
            return answer
        finally:
            del self._running[ask.place]

    async def _first(self, ask: Ask, work: Work) -> Answer:
        now = self._clock()
        known = self._memory.get(ask.place, now=now) or await self._recorded(ask, now)
        if known is not None:
            _same(ask, known.digest)
            if known.answer is not None:
                self._memory.put(ask.place, known)
                return self._again(known.answer, "stored")
        key = ask.key or (known.key if known else self._implicit_keys(ask, now)[0])
        try:
            answer = await work(self._turn(ask, key))
        except (asyncio.CancelledError, StorageError):
            # It may have been charged all the same: a repeat takes the same key.
            self._remember(ask, known, Kept(key, ask.digest, 0.0, None, settled=False))
            raise
        self._remember(ask, known, Kept(key, ask.digest, 0.0, answer))
        return answer

    def _turn(self, ask: Ask, key: str) -> Turn:
        if ask.key is None:
            return Turn(None, key, ask.digest)
        stored = self._terms.mode == "stored"
        return Turn(ask.key, None, ask.digest, partial(self._riders, ask) if stored else None)

    def _riders(self, ask: Ask, answer: Answer, entry: str) -> tuple[Rider, ...]:
        if not answer.whole:
            return ()
        sealed = seal(answer, secret=ask.secret(), entry=entry)
        return (self._store.keeping(sealed, until=self._clock() + self._terms.keep),)

    def _remember(self, ask: Ask, known: Kept | None, kept: Kept) -> None:
        whole = kept.answer is not None and kept.answer.whole and self._terms.mode != "off"
        if ask.key is not None and not whole:
            return
        lasts = self._terms.window if ask.key is None else self._terms.keep
        # A repeat does not begin a new window, or a text sent every minute would be free for ever.
        until = known.until if known is not None and known.settled else self._clock() + lasts
        self._memory.put(ask.place, replace(kept, until=until, answer=kept.answer if whole else None))

    async def _recorded(self, ask: Ask, now: float) -> Kept | None:
        if ask.key is None and now >= self._look_until and not self._forgotten.may_hold(ask.place, now=now):
            return None
        keys = self._implicit_keys(ask, now) if ask.key is None else [ask.key]
        found = await self._lookups.find(ask.tenant, keys, now=now)
        if found is None:
            return None
        until = found.charged_at + (self._terms.window if ask.key is None else self._terms.keep)
        if ask.key is None and until <= now:
            return None
        return Kept(found.key, found.digest, until, await self._unsealed(ask, found))

    async def _unsealed(self, ask: Ask, found: Found) -> Answer | None:
        if found.sealed is None or found.digest != ask.digest or self._terms.mode != "stored":
            return None
        opened = partial(unseal, found.sealed, secret=ask.secret(), entry=found.entry)
        return await asyncio.to_thread(opened) if len(found.sealed) > LONG else opened()

    def _implicit_keys(self, ask: Ask, now: float) -> list[str]:
        """Of this window, and of the one before: a repeat comes at most one window after the first."""
        number = int(now // self._terms.window) if self._terms.window else 0
        return [f"{ask.name}:{each}" for each in (number, number - 1)]

    def _again(self, answer: Answer, how: How) -> Answer:
        self._heard(how)
        return replace(answer, replayed=True)

    def _forgot(self, place: tuple[str, str]) -> None:
        self._forgotten.add(place, now=self._clock())


def _same(ask: Ask, digest: str) -> None:
    if ask.digest != digest:
        raise KeyReused("This Idempotency-Key was used for another request. Use a new key for new work.")

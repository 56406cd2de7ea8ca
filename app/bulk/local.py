"""The embedded engine: no server, no limit on size, the same ledger."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection

from app import bodies
from app.bulk.enforced import here, named
from app.bulk.engine import ENGINE, Answer, Order
from app.bulk.room import Room
from app.charging import FINGERPRINT
from app.decisive import terms
from app.engineroom import engine_threads
from app.errors import ConfigurationError
from app.glossary.matching import PLAIN, Protection
from app.ledger.store import Recorded
from app.results import TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.translation import Riders
from app.validation import languages
from batching.errors import Overloaded
from batching.work import Priority
from models.catalogue import Catalogue

IN_FLIGHT = 4
"""Windows an engine thread: the batch it works on, and the next ones being planned."""
_LEAST = 16
"""Windows whose segments wait together, so that batches of like length can be picked among some 3,000: of 20,000
sentences 0.98 of what the engine computes is text then, where 8 windows and picking among the first 300 left 0.93."""
LONGEST_WAIT = 1.0
"""Seconds before a full queue is tried again, at most: nobody else fills it, so it empties at the engine's pace."""
REFUSALS = 5
"""Times a window may be refused by a queue that holds nothing else."""


class Translator(Protocol):
    async def translate(
        self, request: TranslationRequest, *, riders: Riders | None = None
    ) -> TranslationResult: ...


class LocalEngine:
    def __init__(
        self,
        translator: Translator,
        order: Order,
        *,
        in_flight: int,
        queue_tokens: int,
        models: Mapping[str, str],
        terms: Mapping[str, Any],
        protection: Protection = PLAIN,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`queue_tokens`: what the queue holds. A text has no more tokens than characters, so windows are handed
        over as long as that holds them all: none is planned only to be refused.
        """
        self.in_flight = in_flight
        self.models = models
        self.terms = terms
        self._translator = translator
        self._order = order
        self._protection = protection
        self._room = Room(queue_tokens)
        self._sleep = sleep

    async def translate(self, texts: Sequence[str], window: int) -> Answer:
        """Raises ConfigurationError for a window that not even an empty queue takes."""
        request = self._request(texts, window)
        wanted = sum(map(len, texts))
        refusals = 0
        while True:
            async with self._room.held(wanted):
                try:
                    return await self._charged(request)
                except Overloaded as refused:
                    if refusals == REFUSALS:
                        raise self._too_small() from refused
                    wait = min(refused.retry_after, LONGEST_WAIT)
            # From now on it asks for the whole queue, so that only its own size can be what is in the way.
            wanted = max(wanted, self._room.size)
            refusals += 1
            await self._sleep(wait)

    async def _charged(self, request: TranslationRequest) -> Answer:
        """With the charge as it stands in the ledger: the window may have been charged by a process that was killed
        before it could write the answer down, and belongs to this job's bill all the same.
        """
        charges: list[Recorded] = []

        def ride(_: Connection, recorded: Recorded) -> None:
            charges.append(recorded)

        result = await self._translator.translate(request, riders=lambda _: (ride,))
        entry = charges[-1].entry if charges else result.entry
        body = bodies.translation(replace(result, entry=entry, duplicate=False), detail=False)
        return Answer(tuple(body["translations"]), (body["usage"],))

    def _too_small(self) -> ConfigurationError:
        return ConfigurationError(
            f"The queue of {self._room.size:,} tokens takes none of this run's windows, though nothing else waits. "
            f"Raise DRAGOMAN_QUEUE_TOKENS."
        )

    def _request(self, texts: Sequence[str], window: int) -> TranslationRequest:
        key = self._order.key(window)
        return TranslationRequest(
            texts=texts,
            target=self._order.target,
            source=self._order.source,
            candidates=self._order.candidates,
            priority=Priority.BULK,
            kind="chunk",
            idempotency_key=key,
            digest=_digest(key, texts),
            cost_centre=self._order.cost_centre,
            job=self._order.job,
            chunk=window,
            protection=self._protection,
            scored=self._order.scored,
        )


@asynccontextmanager
async def embedded(settings: Settings, order: Order) -> AsyncIterator[LocalEngine]:
    """Raises UnknownLanguage, NoRoute or what `enforced` raises before anything is read, and what open_runtime does."""
    async with open_runtime(settings, unlimited=True) as running:
        in_flight = windows_at_once(engine_threads(settings))
        protection = await enforced(running, order)
        yield installed_engine(
            running, order, protection, translator=running.translation, in_flight=in_flight
        )


async def enforced(running: Runtime, order: Order) -> Protection:
    """As it stands when the run begins. Raises NotThere and InvalidRequest."""
    return await asyncio.to_thread(here, order.enforced, running.glossaries, order.target)


def windows_at_once(threads: int) -> int:
    return max(_LEAST, IN_FLIGHT * threads)


def installed_engine(
    running: Runtime,
    order: Order,
    protection: Protection,
    *,
    translator: Translator,
    in_flight: int,
    engines: int = 1,
) -> LocalEngine:
    """With the models and settings of `running`, whichever `engines` the translator has, all of them alike.

    Raises UnknownLanguage or NoRoute.
    """
    settings = running.settings
    languages(TranslationRequest([], order.target, order.source, order.candidates), running.router)
    return LocalEngine(
        translator,
        order,
        in_flight=in_flight,
        queue_tokens=settings.queue_tokens * engines,
        models=fingerprints(running.catalogue),
        protection=protection,
        terms={ENGINE: "local", "--glossary": named(protection), **terms(settings)},
    )


def fingerprints(catalogue: Catalogue) -> dict[str, str]:
    return {card.id: card.fingerprint[:FINGERPRINT] for card in catalogue.cards}


def _digest(key: str, texts: Sequence[str]) -> str:
    digest = hashlib.sha256(key.encode())
    for text in texts:
        digest.update(b"\0%d\0" % len(text) + text.encode())
    return digest.hexdigest()

"""The embedded engine: no server, no limit on size, the same ledger."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app import bodies
from app.bulk.engine import Answer, Order
from app.results import TranslationRequest
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from app.validation import languages
from batching.errors import Overloaded
from batching.work import Priority

IN_FLIGHT = 8
"""Windows: what the batching policy looks ahead over, and the next ones being tokenised."""
_PAUSE = 0.05
"""Seconds before a full queue is tried again; nobody else fills it."""


class LocalEngine:
    in_flight = IN_FLIGHT

    def __init__(self, running: Runtime, order: Order) -> None:
        self._running = running
        self._order = order

    async def translate(self, texts: Sequence[str], window: int) -> Answer:
        request = self._request(texts, window)
        while True:
            try:
                result = await self._running.translation.translate(request)
            except Overloaded:
                await asyncio.sleep(_PAUSE)
                continue
            body = bodies.translation(result, detail=False)
            return Answer(tuple(body["translations"]), (body["usage"],))

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
        )


@asynccontextmanager
async def embedded(settings: Settings, order: Order) -> AsyncIterator[LocalEngine]:
    """Raises UnknownLanguage or NoRoute before anything is read, and what open_runtime raises."""
    async with open_runtime(settings, unlimited=True) as running:
        languages(
            TranslationRequest([], order.target, order.source, order.candidates),
            running.router,
        )
        yield LocalEngine(running, order)


def _digest(key: str, texts: Sequence[str]) -> str:
    digest = hashlib.sha256(key.encode())
    for text in texts:
        digest.update(b"\0%d\0" % len(text) + text.encode())
    return digest.hexdigest()

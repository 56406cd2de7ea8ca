"""A server's API: several windows at once, each asked again under its own key until it is answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.bulk.engine import Answer, Order
from app.charging import FINGERPRINT
from app.client import AsyncDragoman
from app.client.calls import Asked
from app.client.windows import IN_FLIGHT, Window
from app.validation import candidate_codes, language_code


class RemoteEngine:
    in_flight = IN_FLIGHT

    def __init__(self, client: AsyncDragoman, order: Order, *, server: str) -> None:
        self._client = client
        self._order = order
        self.models: Mapping[str, str] = {}
        self.terms: Mapping[str, Any] = {"engine": server}

    async def translate(self, texts: Sequence[str], window: int) -> Answer:
        """Whoever restarts the server is waited for."""
        order = self._order
        asked = Asked(order.target, order.source, order.candidates, cost_centre=order.cost_centre, bulk=True)
        found = await self._client.window(Window(texts, order.key(window)), asked, patient=True)
        return Answer(found.translations, found.charges)

    async def reach(self) -> None:
        """Raises Unreachable or Refused unless a Dragoman is there and speaks to us."""
        found = await self._client.models()
        self.models = {model["id"]: model["fingerprint"][:FINGERPRINT] for model in found.get("models", ())}


@asynccontextmanager
async def connected(
    server: str,
    order: Order,
    *,
    key: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[RemoteEngine]:
    """Raises UnknownLanguage, ConfigurationError, Unreachable or Refused before anything is read."""
    for code in (order.target, order.source):
        if code is not None:
            language_code(code)
    candidate_codes(order.candidates)
    async with AsyncDragoman(server, key=key, transport=transport, sleep=sleep) as client:
        engine = RemoteEngine(client, order, server=server)
        await engine.reach()
        yield engine

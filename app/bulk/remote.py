"""A server's API: several calls at once, each repeated under its own key until it is answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.bulk.engine import Answer, Body, Order
from app.client import TIMEOUT, Outcome, headers, server_url, settled, translate_body
from app.errors import Refused, Unreachable
from app.validation import candidate_codes, language_code

IN_FLIGHT = 4
_ABOUT_THE_TEXT = frozenset({"too_large", "http_413", "invalid_text", "invalid_json", "deadline_exceeded"})
"""Refusals that blame a text sent and not the run as a whole."""


class RemoteEngine:
    in_flight = IN_FLIGHT

    def __init__(
        self,
        http: httpx.AsyncClient,
        order: Order,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._order = order
        self._sleep = sleep

    async def translate(self, texts: Sequence[str], window: int) -> Answer:
        return await self._ask(texts, self._order.key(window))

    async def reach(self) -> None:
        """Raises Unreachable or Refused unless a Dragoman is there and speaks to us."""
        await self._send("GET", "/v1/languages")

    async def _ask(self, texts: Sequence[str], key: str) -> Answer:
        """A window over the server's limits is halved until it fits; a text that never fits fails alone."""
        body = translate_body(
            texts, target=self._order.target, source=self._order.source, candidates=self._order.candidates
        )
        try:
            reply = await self._send("POST", "/v1/translate", body, key)
        except Refused as error:
            if error.problem not in _ABOUT_THE_TEXT:
                raise
            if len(texts) == 1:
                return Answer((_failed(texts[0], self._order.target, error),), ())
            half = len(texts) // 2
            first = await self._ask(texts[:half], f"{key}.0")
            second = await self._ask(texts[half:], f"{key}.1")
            return Answer(first.translations + second.translations, first.usages + second.usages)
        return _answer(reply, len(texts))

    async def _send(
        self, method: str, path: str, body: bytes | None = None, key: str | None = None
    ) -> dict[str, Any]:
        headers = self._headers(key)
        # Without a key it is the first call of all; later, whoever restarts the server is waited for.
        reached = key is not None
        attempt = 0
        while True:
            attempt += 1
            try:
                outcome: Outcome = await self._http.request(method, path, content=body, headers=headers)
            except httpx.TransportError as error:
                outcome = error
            found = settled(outcome, attempt, url=self._http.base_url, reached=reached)
            if not isinstance(found, float):
                return found
            await self._sleep(found)

    def _headers(self, key: str | None) -> httpx.Headers:
        if key is None:
            return httpx.Headers()
        named = {"Idempotency-Key": key, "X-Priority": "bulk"}
        if self._order.cost_centre is not None:
            named["X-Cost-Centre"] = self._order.cost_centre
        return httpx.Headers(named, encoding="utf-8")


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
    async with httpx.AsyncClient(
        base_url=server_url(server), timeout=TIMEOUT, headers=headers(key), transport=transport
    ) as http:
        engine = RemoteEngine(http, order, sleep=sleep)
        await engine.reach()
        yield engine


def _answer(reply: dict[str, Any], texts: int) -> Answer:
    translations = reply.get("translations", ())
    if len(translations) != texts or "usage" not in reply:
        raise Unreachable("The server's answer is not a Dragoman's. Is there something else at this address?")
    return Answer(tuple(translations), (reply["usage"],))


def _failed(text: str, target: str, error: Refused) -> Body:
    """In the shape of the API's answer."""
    return {
        "text": None,
        "source": "und",
        "confidence": None,
        "target": target,
        "status": "failed",
        "flags": [],
        "models": [],
        "error": {"code": error.problem, "message": str(error)},
        "characters": len(text),
    }

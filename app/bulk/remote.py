"""A server's API: several windows at once, each asked again under its own key until it is answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.bulk.enforced import edition, sent
from app.bulk.engine import ENGINE, Answer, Order
from app.charging import FINGERPRINT
from app.client import AsyncDragoman
from app.client.answers import GlossaryUsed
from app.client.calls import Asked
from app.client.windows import IN_FLIGHT, Window
from app.errors import ConfigurationError
from app.glossary.naming import chosen
from app.validation import candidate_codes, language_code


class RemoteEngine:
    in_flight = IN_FLIGHT

    def __init__(self, client: AsyncDragoman, order: Order, *, server: str) -> None:
        self._client = client
        self._order = order
        self.models: Mapping[str, str] = {}
        self.terms: Mapping[str, Any] = {ENGINE: server}
        self._used: Mapping[str, Any] | None = None
        """The stored glossary, at the version of the run."""

    async def translate(self, texts: Sequence[str], window: int) -> Answer:
        """Whoever restarts the server is waited for. Raises ConfigurationError where the glossary was changed."""
        found = await self._client.window(Window(texts, self._order.key(window)), self._asked(), patient=True)
        self._check(found.glossaries)
        return Answer(found.translations, found.charges)

    def _asked(self) -> Asked:
        order = self._order
        names = order.enforced.names
        return Asked(
            order.target,
            order.source,
            order.candidates,
            cost_centre=order.cost_centre,
            bulk=True,
            glossary=order.enforced.glossary if self._used is None else self._used["id"],
            protect={"names": list(names)} if names else None,
            confidence=order.scored,
        )

    def _check(self, used: Sequence[GlossaryUsed]) -> None:
        if self._used is not None and any(each["version"] != self._used["version"] for each in used):
            raise ConfigurationError(
                "The glossary was changed on the server while the run went on. Say --restart to begin anew with the "
                "new version."
            )

    async def reach(self) -> None:
        """Raises Unreachable or Refused unless a Dragoman is there and speaks to us, and NotThere, InvalidRequest or
        ConfigurationError unless it can enforce what is wanted.
        """
        found = await self._client.models()
        self.models = {model["id"]: model["fingerprint"][:FINGERPRINT] for model in found.get("models", ())}
        wanted = self._order.enforced
        if isinstance(wanted.glossary, str):
            self._used = await self._stored(wanted.glossary)
        self.terms = {
            **self.terms,
            **found.get("terms", {}),
            "--glossary": self._used or sent(wanted, self._order.target),
        }

    async def _stored(self, wanted: str) -> Mapping[str, Any]:
        kept = {each["id"]: each for each in (await self._client.glossaries.list())["glossaries"]}
        mine = kept[chosen(wanted, ((each["id"], each["name"]) for each in kept.values()))]
        return edition(mine["id"], mine["name"], mine["version"])


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

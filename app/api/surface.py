"""Other services' APIs, answered here: where each is, where its clients put their key, and how it says no.

Behind its routes everything is as for our own: the same callers, scopes, limits and refusals. Here a key is brought
to where it is looked for, and a refusal is put in the words that the other service's clients know. Plain ASGI.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.fields import parsed
from app.api.problems import MEDIA_TYPE
from app.errors import DragomanError

if TYPE_CHECKING:
    from app.runtime import Runtime

Words = Callable[[str, int, str], tuple[int, Mapping[str, Any]]]
"""From a problem's code, status and detail to the other's status and body."""


@dataclass(frozen=True, slots=True)
class Surface:
    name: str
    paths: frozenset[str]
    folders: tuple[str, ...]
    """Beginnings of further paths."""
    public: frozenset[str]
    """Paths that need no key there."""
    uploads: frozenset[str]
    """Paths that files are sent to."""
    open_folders: tuple[str, ...]
    """Beginnings of paths that hold all there is to show: who knows one needs no key."""
    key_field: str
    """Of body or query."""
    words: Words
    named_by: str
    """Header that carries the request's id."""

    def is_open(self, path: str) -> bool:
        return path in self.public or self.tells_all(path)

    def tells_all(self, path: str) -> bool:
        """The same to everyone; what is public beside that may have more to say to a caller with a key."""
        return bool(self.open_folders) and path.startswith(self.open_folders)

    def owns(self, path: str) -> bool:
        return path in self.paths or (bool(self.folders) and path.startswith(self.folders))


class TheirWords:
    """Around everything, so that defects too are said in the words of the surface they came up in."""

    def __init__(self, app: ASGIApp, *, surfaces: tuple[Surface, ...]) -> None:
        self._app = app
        self._surfaces = surfaces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        surface = _owner(scope, self._surfaces)
        await self._app(scope, receive, send if surface is None else _Reworded(surface, send))


class TheirKeys:
    """Finds a key in query or body, and puts it where ours are looked for."""

    def __init__(self, app: ASGIApp, *, surfaces: tuple[Surface, ...], limit: int) -> None:
        self._app = app
        self._surfaces = surfaces
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        surface = _owner(scope, self._surfaces)
        if surface is None or surface.tells_all(scope["path"]) or _presented(scope):
            await self._app(scope, receive, send)
            return
        query = scope["query_string"]
        key = _key(surface, "", b"", query)
        if key is None:
            part = scope["path"] in surface.uploads
            body, receive = await _read(scope, receive, self._limit, part=part)
            key = _key(surface, Headers(scope=scope).get("content-type", ""), body, b"")
        if key is not None:
            # In place: who logs the request finds its route in this very scope.
            scope["headers"] = [*scope["headers"], (b"x-api-key", key.encode())]
        await self._app(scope, receive, send)


class _Reworded:
    """A `send` that holds a problem back until it is whole."""

    def __init__(self, surface: Surface, send: Send) -> None:
        self._surface = surface
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers[self._surface.named_by] = headers.get("x-request-id", "")
            message["headers"] = headers.raw
            if headers.get("content-type", "").startswith(MEDIA_TYPE):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._tell(self._start)
            return
        await self._send(message)

    async def _tell(self, start: Message) -> None:
        problem = json.loads(self._body)
        status, body = self._surface.words(problem["code"], problem["status"], problem["detail"])
        told = orjson.dumps(body)
        headers = MutableHeaders(raw=start["headers"])
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(told))
        del headers["www-authenticate"]
        await self._send({**start, "status": status, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": told})


def _owner(scope: Scope, surfaces: tuple[Surface, ...]) -> Surface | None:
    if scope["type"] != "http":
        return None
    return next((surface for surface in surfaces if surface.owns(scope["path"])), None)


def _presented(scope: Scope) -> bool:
    running: Runtime = scope["app"].state.runtime
    return running.authenticator.presented(Headers(scope=scope)) is not None


def _key(surface: Surface, content_type: str, body: bytes, query: bytes) -> str | None:
    """None also where the request cannot be read: its route says so."""
    if surface.key_field.encode() not in body + query:
        return None
    try:
        found = parsed(content_type, body, query).one(surface.key_field)
    except DragomanError:
        return None
    return found if isinstance(found, str) and found and found.isascii() and found.isprintable() else None


async def _read(scope: Scope, receive: Receive, limit: int, *, part: bool) -> tuple[bytes, Receive]:
    """The body, and a `receive` that begins with it. What is over `limit` is left to be refused, unless its first
    `part` will do.
    """
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and int(declared) > limit and not part:
        return b"", receive
    parts: list[bytes] = []
    more = True
    while more and sum(map(len, parts)) <= limit:
        message = await receive()
        if message["type"] != "http.request":
            return b"", _first(message, receive)
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"".join(parts)
    return body, _first({"type": "http.request", "body": body, "more_body": more}, receive)


def _first(message: Message, receive: Receive) -> Receive:
    waiting: list[Message] = [message]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again

"""The short way: a request of the plain form goes straight to its endpoint.

FastAPI matches routes and solves dependencies anew for every request, in more time than the queue and the ledger take
together. It still describes the endpoint, and whatever is not plain goes to it: it alone says what is wrong.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.deps import ClientGone
from app.api.problems import refusal


@dataclass(frozen=True, slots=True)
class Way:
    route: APIRoute
    understand: Callable[[Request, bytes], Mapping[str, Any] | None]
    """The endpoint's arguments as FastAPI would find them; None where it would find a fault, or may."""

    @property
    def endpoint(self) -> Callable[..., Awaitable[Response]]:
        return self.route.endpoint


class ShortWay:
    def __init__(self, app: ASGIApp, *, ways: tuple[Way, ...]) -> None:
        self._app = app
        self._ways = {(method, way.route.path): way for way in ways for method in way.route.methods or ()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        way = self._ways.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if way is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = way.route
        request = Request(scope, receive)
        try:
            body = await request.body()
            arguments = way.understand(request, body)
            response = None if arguments is None else await way.endpoint(**arguments)
        except ClientDisconnect:
            raise ClientGone from None
        except Exception as error:
            response = refusal(request, error)
            if response is None:
                raise
        if response is None:
            await self._app(scope, _again(body, receive), send)
        else:
            await response(scope, receive, send)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that begins with the body that was read already."""
    first: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def again() -> Message:
        nonlocal first
        if first is None:
            return await receive()
        message, first = first, None
        return message

    return again

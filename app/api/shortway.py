"""The short way: a request without a fault goes straight to its endpoint.

FastAPI matches routes and solves dependencies anew for every request, in more time than the queue and the ledger take
together. It still describes the endpoint, and whatever has a fault goes to it: it alone says what is wrong.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.deps import ClientGone, is_json
from app.api.problems import refusal

Field = Any
"""FastAPI's own, of a type it does not publish."""


@dataclass(frozen=True, slots=True)
class Way:
    """An endpoint's parameters as its route knows them: a JSON body, headers, and what is found from the request."""

    route: APIRoute
    body: Field
    headers: Mapping[bytes, Field]
    found: Mapping[str, Callable[[Request], Awaitable[Any]]]
    request: str | None

    @classmethod
    def to(cls, route: APIRoute) -> "Way":
        """Raises TypeError for an endpoint that asks for what only FastAPI can work out."""
        asks = route.dependant
        if not _plain(asks) or len(asks.body_params) != 1 or not all(map(_from_request, asks.dependencies)):
            raise TypeError(f"{route.path} cannot be reached the short way.")
        headers = {field.alias.encode(): field for field in asks.header_params}
        found = {each.name: each.call for each in asks.dependencies if each.name and each.call}
        return cls(route, asks.body_params[0], headers, found, asks.request_param_name)

    async def arguments(self, request: Request, body: bytes) -> dict[str, Any] | None:
        """The endpoint's arguments, those FastAPI would find; None where it would find a fault, or may."""
        if not is_json(request.headers.get("content-type", "")):
            return None
        try:
            sent, faults = self.body.validate(orjson.loads(body))
        except ValueError:
            return None
        given, more = request_params_to_args(self._sent(request.headers.raw), request.headers)
        if faults or more:
            return None
        arguments = {field.name: field.default for field in self.headers.values()} | given
        arguments[self.body.name] = sent
        if self.request is not None:
            arguments[self.request] = request
        for name, find in self.found.items():
            arguments[name] = await find(request)
        return arguments

    def _sent(self, headers: Sequence[tuple[bytes, bytes]]) -> list[Field]:
        return [self.headers[name] for name, _ in headers if name in self.headers]


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
            arguments = await way.arguments(request, body)
            response: Response | None = None if arguments is None else await way.route.endpoint(**arguments)
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


def _plain(asks: Dependant) -> bool:
    more = (asks.path_params, asks.query_params, asks.cookie_params, asks.response_param_name)
    return not any((*more, asks.background_tasks_param_name, asks.http_connection_param_name))


def _from_request(asks: Dependant) -> bool:
    """Whether it is an async function of the request alone."""
    alone = not (asks.dependencies or asks.header_params or asks.body_params) and _plain(asks)
    return alone and asks.request_param_name is not None and inspect.iscoroutinefunction(asks.call)

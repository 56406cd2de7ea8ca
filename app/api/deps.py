"""What routes are handed: the runtime, and how JSON comes in and goes out."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Request, Response
from starlette.exceptions import HTTPException

from app.api.access import GuardedRoute
from app.api.departure import DEPARTURE, Departure
from app.runtime import Runtime

T = TypeVar("T")


class ClientGone(Exception):
    """The caller closed the connection; its work was taken out of the queue."""


class OrjsonRequest(Request):
    """Parses with orjson: strict UTF-8, so half surrogates are refused at the door."""

    async def json(self) -> Any:
        if not hasattr(self, "_parsed"):
            self._parsed = orjson.loads(await self.body())
        return self._parsed


class OrjsonRoute(GuardedRoute):
    """For routes that take a JSON body, and say so: a form or a text is refused with 415."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if not is_json(request.headers.get("content-type", "")):
                raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return await handler(OrjsonRequest(request.scope, request.receive))

        return handle


async def get_runtime(request: Request) -> Runtime:
    # async: FastAPI would run a plain function in its thread pool, a hop for every request.
    running: Runtime = request.app.state.runtime
    return running


Running = Annotated[Runtime, Depends(get_runtime)]


def is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


def reply(body: object, *, headers: dict[str, str] | None = None) -> Response:
    """JSON, 200. The shape is the route's `response_model`, which only describes: nothing is validated again."""
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")


async def while_connected(
    request: Request,
    work: Coroutine[Any, Any, T],
    *,
    leave: Callable[[asyncio.Task[Any]], object] = asyncio.Task.cancel,
) -> T:
    """The result of `work`, which is cancelled when the caller hangs up, or what `leave` decides. Raises ClientGone
    then.

    `work` runs in the caller's own task: a task of its own for it, beside the one that watches, cost as much as the
    queue does.
    """
    me = asyncio.current_task()
    left = False

    def hung_up() -> None:
        nonlocal left
        left = True
        if me is not None:
            leave(me)

    with _listening(request, hung_up):
        try:
            return await work
        except asyncio.CancelledError:
            if me is None or not left or me.uncancel():
                raise
            raise ClientGone from None


@contextmanager
def _listening(request: Request, hung_up: Callable[[], object]) -> Iterator[None]:
    departure: Departure | None = request.scope.get(DEPARTURE)
    if departure is None:
        watching = asyncio.create_task(_watch(request, hung_up))
        try:
            yield
        finally:
            watching.cancel()
        return
    departure.tell(hung_up)
    try:
        yield
    finally:
        departure.forget(hung_up)


async def _watch(request: Request, hung_up: Callable[[], object]) -> None:
    """Behind a server that says so by a message alone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    hung_up()

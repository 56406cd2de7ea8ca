"""What routes are handed: the runtime, and how JSON comes in and goes out."""

import asyncio
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

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


class OrjsonRoute(APIRoute):
    """For routes that take a JSON body, and say so: a form or a text is refused with 415."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if not _is_json(request.headers.get("content-type", "")):
                raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return await handler(OrjsonRequest(request.scope, request.receive))

        return handle


async def get_runtime(request: Request) -> Runtime:
    # async: FastAPI would run a plain function in its thread pool, a hop for every request.
    running: Runtime = request.app.state.runtime
    return running


Running = Annotated[Runtime, Depends(get_runtime)]


def reply(body: object, *, headers: dict[str, str] | None = None) -> Response:
    """JSON, 200. The shape is the route's `response_model`, which only describes: nothing is validated again."""
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which is cancelled when the caller hangs up. Raises ClientGone then."""
    working = asyncio.create_task(work)
    watching = asyncio.create_task(_hung_up(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGone
        return working.result()
    finally:
        watching.cancel()
        working.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass

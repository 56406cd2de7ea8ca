"""Around every request: its id, its size limit, its line in the log and the metrics. Plain ASGI."""

import asyncio
import logging
import time
from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.access import is_page
from app.api.deps import ClientGone
from app.api.headers import GUARDS
from app.api.problems import body_too_large, unforeseen, unreadable
from app.api.proxies import believed
from app.ledger.entry import new_id
from app.logs import REQUEST
from app.telemetry import Telemetry
from app.traces import UNTRACED, Span

log = logging.getLogger("dragoman.access")
_UNROUTED = "unrouted"
_DESCRIPTION = frozenset({"/docs", "/docs/oauth2-redirect"})
_PAGE_OF_THE_DESCRIPTION = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"frame-ancestors 'none'; base-uri 'none'"
)
"""FastAPI writes its script into the page; nothing that a caller sent is on it."""
_OPERATING = frozenset({"/healthz", "/readyz", "/readyz/detail", "/metrics"})
"""Asked every few seconds: no traces."""
_CLIENT_GONE = 499
"""Nobody is there to read a status; the log and the metrics use nginx's number for it."""


DRAIN = 2
"""Times the limit: how much of a body that is too large is read and thrown away before it is refused."""


SILENCE = 2.0
"""Seconds without a byte of such a body after which it is refused."""


class RequestId:
    """Gives each request an id and says it in `X-Request-Id`; also logs and measures the answer."""

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["dragoman.id"] = request_id = new_id()
        REQUEST.set(request_id)
        traces = UNTRACED if scope["path"] in _OPERATING else self._telemetry.traces
        with traces.request(scope["method"], caller=_part_of(scope)) as span:
            await self._measured(scope, receive, send, span)

    async def _measured(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _guarded(scope, message["headers"], scope["dragoman.id"])
            await send(message)

        try:
            if _ambiguous(scope):
                await unreadable()(scope, receive, answer)
            else:
                await self._app(scope, receive, answer)
        except ClientGone:
            status = _CLIENT_GONE
        except Exception as error:  # noqa: BLE001  uvicorn would log the message, which might hold text
            response = unforeseen(error)
            if status == 0:
                await response(scope, receive, answer)
        finally:
            self._tell(scope, status, time.perf_counter() - started, span)

    def _tell(self, scope: Scope, status: int, seconds: float, span: Span) -> None:
        route = _template(scope)
        self._telemetry.answered(route, status, seconds)
        span.rename(f"{scope['method']} {route}")
        span.say("request_id", scope["dragoman.id"])
        span.say("http.route", route)
        span.say("http.response.status_code", status)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            span.fail(str(status))
        log.info(
            "%s %s %d %.3fs",
            scope["method"],
            route,
            status,
            seconds,
            extra={
                "method": scope["method"],
                "route": route,
                "status": status,
                "seconds": round(seconds, 6),
            },
        )


def _part_of(scope: Scope) -> dict[str, str]:
    """Which trace a proxy that was named says this is part of; anybody else might fill somebody's traces."""
    if not believed(scope):
        return {}
    # Never its `tracestate`, which may be any text, and would be sent on as it came.
    return {
        name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"
    }


def _guarded(scope: Scope, headers: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    said = {name.lower() for name, _ in headers}
    if scope["path"] in _DESCRIPTION and b"content-security-policy" not in said:
        headers = [*headers, (b"content-security-policy", _PAGE_OF_THE_DESCRIPTION)]
        said.add(b"content-security-policy")
    return [
        *headers,
        (b"x-request-id", request_id.encode()),
        *(each for each in GUARDS if each[0] not in said),
    ]


def _ambiguous(scope: Scope) -> bool:
    """Whether two lengths are stated: a proxy in front may have believed the other one, and taken what follows for
    somebody else's request.
    """
    stated = [name for name, _ in scope["headers"] if name in (b"content-length", b"transfer-encoding")]
    return len(stated) > 1


class BodyLimit:
    """Refuses a body of more than `limit` bytes, by its declared length or as soon as it has grown past it.

    `limits`: those of paths with another.
    """

    def __init__(self, app: ASGIApp, *, limit: int, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], self._limit)
        declared = Headers(scope=scope).get("content-length", "0")
        # A page says so itself, in HTML, once it has read as much.
        if declared.isdecimal() and int(declared) > limit and not is_page(scope["path"]):
            await _discard(receive, min(int(declared), DRAIN * limit))
            await body_too_large(_too_large(limit))(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            # An HTTPException, because FastAPI turns any other raised while reading a body into a 400.
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit))
        return message

    return counted


def _too_large(limit: int) -> str:
    return (
        f"The body is over this server's limit of {limit} bytes. "
        f"Send less at a time, or use `dragoman bulk run`."
    )


async def _discard(receive: Receive, most: int) -> None:
    """Reads what a client insists on sending first: most clients see no answer before they have sent all. One that
    sends nothing waits for the answer, or for nothing at all.
    """
    seen = 0
    while seen < most:
        try:
            message = await asyncio.wait_for(receive(), SILENCE)
        except TimeoutError:
            return
        seen += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def _template(scope: Scope) -> str:
    """The route's path with its parameters' names, never what the caller typed."""
    route = scope.get("route")
    return getattr(route, "path", _UNROUTED)

"""Refuses what would be refused anyway before its body is read: a refusal must cost next to nothing, or a rush of
requests to be refused takes the processor from those that were let in. Plain ASGI.
"""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.priority import priority_of
from app.api.problems import overloaded
from app.api.shortway import Way
from batching.errors import Overloaded

if TYPE_CHECKING:
    from app.runtime import Runtime
    from app.tenants.caller import Caller


class Door:
    def __init__(self, app: ASGIApp, *, ways: tuple[Way, ...]) -> None:
        self._app = app
        self._routes = {
            (method, way.route.path): way.route for way in ways for method in way.route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        refused = None if route is None else _refusal(scope)
        if refused is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        # The body stays unread: uvicorn throws away what still comes of it, and the connection goes on.
        await overloaded(refused)(scope, receive, send)


def _refusal(scope: Scope) -> Overloaded | None:
    running: Runtime = scope["app"].state.runtime
    caller: Caller = scope["dragoman.caller"]
    headers = dict(scope["headers"])
    named, size = headers.get(b"x-priority"), headers.get(b"content-length", b"")
    priority = priority_of(
        named.decode() if named in (b"bulk", b"interactive") else None, int(size) if size.isdigit() else 0
    )
    return running.dispatcher.refusal(caller.tenant.name, priority, timeout=running.settings.request_timeout)

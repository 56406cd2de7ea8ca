"""Who asks, and whether their minute has room: found out before a request gets anywhere. Plain ASGI.

Whatever is not public needs a caller, addresses where there is nothing included. Pages of the web form find theirs by
themselves (app.web.visitor), because a browser shows a cookie and is led to a sign-in page.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.access import is_page, is_public
from app.api.problems import refused
from app.errors import DragomanError
from app.tenants.limiter import Unit

if TYPE_CHECKING:
    from app.runtime import Runtime
    from app.tenants.caller import Caller


class Authentication:
    """Puts the Caller of every request that is not public into its scope, or refuses it.

    The body of what is refused stays unread, as at the door. Answers tell a caller with limits where it stands.
    `is_open`: whether a path needs no caller, beside those that never do.
    """

    def __init__(self, app: ASGIApp, *, is_open: Callable[[str], bool] = lambda _: False) -> None:
        self._app = app
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or is_public(path) or is_page(path) or self._is_open(path):
            await self._app(scope, receive, send)
            return
        running: Runtime = scope["app"].state.runtime
        try:
            caller = await running.authenticator.authenticate(Headers(scope=scope), address(scope))
        except DragomanError as error:
            await refused(error)(scope, receive, send)
            return
        scope["dragoman.caller"] = caller
        if caller.limited:
            send = _telling(running, caller, send)
            try:
                await running.limiter.take(caller, Unit.REQUESTS)
            except DragomanError as error:
                await refused(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def address(scope: Scope) -> str | None:
    client = scope.get("client")
    return None if client is None else str(client[0])


def _telling(running: "Runtime", caller: "Caller", send: Send) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(running.limiter.headers(caller))
            warning = running.budgets.warning(caller.tenant.name)
            if warning is not None:
                headers["X-Budget-Warning"] = warning
        await send(message)

    return tell

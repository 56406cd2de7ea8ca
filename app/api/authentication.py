"""Who asks: found out before a request gets anywhere. Plain ASGI.

Whatever is not public needs a caller, addresses where there is nothing included.
"""

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.access import is_public
from app.api.problems import refused
from app.errors import DragomanError

if TYPE_CHECKING:
    from app.tenants.authentication import Authenticator


class Authentication:
    """Puts the Caller of every request that is not public into its scope, or refuses it. Plain ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_public(scope["path"]):
            await self._app(scope, receive, send)
            return
        authenticator: Authenticator = scope["app"].state.runtime.authenticator
        try:
            scope["dragoman.caller"] = await authenticator.authenticate(Headers(scope=scope), address(scope))
        except DragomanError as error:
            # The body stays unread, as at the door.
            await refused(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def address(scope: Scope) -> str | None:
    client = scope.get("client")
    return None if client is None else str(client[0])

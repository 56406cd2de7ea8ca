"""What a proxy says of its clients, believed of the proxies that the operator named and of nobody else. Plain ASGI."""

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_PEER = "dragoman.peer"
_BELIEVED = "dragoman.believed"


class Proxies:
    """Puts the client of `X-Forwarded-For` and the scheme of `X-Forwarded-Proto` in the place of the proxy's own."""

    def __init__(self, app: ASGIApp, *, trusted: str) -> None:
        """`trusted`: addresses and networks, by commas."""
        self._app = ProxyHeadersMiddleware(app, trusted_hosts=[each.strip() for each in trusted.split(",")])  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope[_PEER] = scope.get("client")
        scope[_BELIEVED] = client is not None and client[0] in self._app.trusted_hosts
        await self._app(scope, receive, send)  # type: ignore[arg-type]


def believed(scope: Scope) -> bool:
    """Whether the other end of the connection is a proxy that was named."""
    return bool(scope.get(_BELIEVED))


def peer(scope: Scope) -> str | None:
    """Who is at the other end of the connection, whoever they say they speak for."""
    client = scope.get(_PEER) or scope.get("client")
    return None if client is None else str(client[0])

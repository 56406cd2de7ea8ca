"""Runs the application under uvicorn: the socket, the log, the end. Called by `dragoman serve` alone."""

import signal
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.connection import Connection
from app.api.crowd import Crowd
from app.api.proxies import Proxies
from app.errors import ConfigurationError
from app.logs import configure
from app.main import create_app
from app.settings import Settings, networks
from app.storage.engine import open_database
from app.tenants.openness import is_loopback, require_a_key

BACKLOG = 2048
"""Connections that wait to be accepted while the service starts or is busy."""

KEEP_ALIVE = 75
"""Seconds an idle connection is kept: longer than clients and proxies keep theirs (60 as a rule), for who closes first
must be they. A request sent on a connection that is being closed is lost."""


def bind(settings: Settings) -> socket.socket:
    """A listening socket. Raises ConfigurationError when the address may not or cannot be used."""
    family, address = _resolved(settings.host, settings.port)
    if settings.auth != "open" and not is_loopback(settings.host):
        _require_a_key(settings)
    # The protocol is named because asyncio sets TCP_NODELAY only on sockets that say TCP; without it an answer waits
    # up to 40 ms for the client's acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        # Only a listening socket keeps the port: two that are merely bound with SO_REUSEADDR can share it.
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise ConfigurationError(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror}. "
            f"Choose another with --port, or 0 for a free one."
        ) from error
    return sock


def serve_on(sock: socket.socket, settings: Settings, *, ready: Callable[[], None]) -> None:
    """Returns once told to stop and every running request is answered, or `drain_timeout` has passed.

    `ready` is called when requests are taken. Raises what stopped the start.
    """
    configure(settings.log_level, settings.log_format)
    app = create_app(settings)
    start = Start(app)
    _end_quietly()
    try:
        Server(configured(start, settings), ready, ending=lambda: setattr(app.state, "stopping", True)).run(
            sockets=[sock]
        )
    except SystemExit:
        if start.error is not None:
            raise start.error from None
        raise


def configured(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How the service listens; tests listen no other way."""
    crowd = Crowd(settings.connections_per_address, trusted=networks(settings.trusted_proxies))
    return uvicorn.Config(
        Proxies(app, trusted=settings.trusted_proxies) if settings.trusted_proxies else app,
        # Not whichever parser happens to be installed: limits and what is refused are this one's.
        http=partial(Connection, crowd=crowd),  # type: ignore[arg-type]  # it is only ever called
        # Its own way believes this machine's proxies, or those of a variable that is not ours.
        proxy_headers=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=round(settings.drain_timeout),
    )


class Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], *, ending: Callable[[], object]
    ) -> None:
        """`ending` is called before running requests are waited for: those that only watch are to leave."""
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets=sockets)


class Start:
    """Keeps the error that stops the start, for a sentence; uvicorn would log its traceback and go on to exit 3."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.error: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def without_traceback(message: Message) -> None:
            await send({**message, "message": ""} if "message" in message else message)

        try:
            await self._app(scope, receive, without_traceback)
        except Exception as error:  # noqa: BLE001  raised again by serve_on
            self.error = error


def _end_quietly() -> None:
    """Being told to stop is no failure, but uvicorn repeats the signal once it has drained."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, leave)


def _require_a_key(settings: Settings) -> None:
    database = open_database(settings.data_dir, settings.database_url.get_secret_value())
    try:
        require_a_key(settings, database)
    finally:
        database.close()


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ConfigurationError(f"{host!a} is not an address of this machine: {error.strerror}.") from error
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))

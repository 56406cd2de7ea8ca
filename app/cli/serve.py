"""dragoman serve."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import console
from app.errors import ConfigurationError

if TYPE_CHECKING:
    import socket

EXAMPLES = console.examples("dragoman serve --port 8080")


ONE_PROCESS = (
    "dragoman serve is one process, whose engine threads use all cores with one copy of each model. Two processes "
    "measured 0.88 of its work for the same CPU time, with 1.8 times the memory: each fills smaller batches. Set "
    "DRAGOMAN_THREADS to use fewer or more cores; to serve more clients than one process can, run replicas, each with "
    "its own port, behind a proxy (docs/architecture.md)."
)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind; DRAGOMAN_HOST, else 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to bind, 0 for a free one; DRAGOMAN_PORT, else 8080.")
    ] = None,
    workers: Annotated[
        int,
        typer.Option(min=1, help="Only 1: one process uses all cores. More are refused, with the reason."),
    ] = 1,
) -> None:
    """Serve the HTTP API until stopped.

    Prints the address on standard output once it takes requests, and logs to standard error. SIGTERM and Ctrl-C
    let running requests complete first. Settings come from the environment (DRAGOMAN_...).
    """
    if workers > 1:
        raise ConfigurationError(ONE_PROCESS)
    from app.server import bind, serve_on  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415

    given = {"host": host, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    sock = bind(settings)
    serve_on(sock, settings, ready=lambda: console.emit(f"Dragoman listens on {_url(sock)}\n"))


def _url(sock: "socket.socket") -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

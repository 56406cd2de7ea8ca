"""A line between a client and a server that can be cut, or held once so much has gone up."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PIECE = 1 << 16


@dataclass(slots=True)
class Relay:
    port: int
    most: int | None = None
    """Bytes that may go up; then it stands."""
    full: threading.Event = field(default_factory=threading.Event)
    cut: threading.Event = field(default_factory=threading.Event)
    """Set, it is as if nobody listened behind it."""
    _gone_up: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def let(self, piece: bytes) -> bool:
        self._gone_up += len(piece)
        if self.most is not None and self._gone_up > self.most:
            self.full.set()
            self.cut.wait()
        return not self.cut.is_set()


@contextmanager
def relay(port: int, *, most: int | None = None) -> Iterator[Relay]:
    """To `port` on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Relay(listener.getsockname()[1], most)
        threading.Thread(target=_accept, args=(listener, made, port), daemon=True).start()
        try:
            yield made
        finally:
            made.cut.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, made: Relay, port: int) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            if made.cut.is_set():
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", port))
            for source, sink, up in ((client, server, True), (server, client, False)):
                threading.Thread(target=_carry, args=(source, sink, made, up), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket, made: Relay, up: bool) -> None:
    with contextlib.suppress(OSError):
        while (piece := source.recv(_PIECE)) and (made.let(piece) if up else not made.cut.is_set()):
            sink.sendall(piece)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()

"""One client's connection: uvicorn's, with patience that ends, and no request that could be read in two ways.

uvicorn waits for ever for a request that has begun. Here whoever opens a connection and sends nothing, or sends a
request drop by drop, is hung up on: connections cost file descriptors, and a few thousand of them shut everyone out.

The parser is llhttp, which takes a tenth of the processor time that h11 does, and refuses most of what is ambiguous;
what h11 refuses beyond that is refused here.
"""

import asyncio
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.api.crowd import Crowd
from app.api.departure import DEPARTURE, Departure
from app.api.headers import GUARDS
from app.ledger.entry import new_id

HEAD_SECONDS = 20.0
"""For a request's line and headers, from the first byte; for a new connection from the start."""

SILENCE_SECONDS = 60.0
"""Without a byte of a body that is not whole."""

BODY_RATE = 500
"""Bytes a second that a body must come at on average, after `SILENCE_SECONDS`."""

LOOK_SECONDS = 5.0
"""Between two looks at a connection: a timer for each byte would cost more than it saves."""

MOST_HEADERS = 16_384
"""Bytes of a request's line and headers together; more is answered with 400. As many may come of a body that are not
its content: the sizes of its chunks and what is said beside them.
"""

MOST_AHEAD = 16
"""Requests that may wait on a connection for the answer before theirs."""

VERSIONS = ("1.0", "1.1")


_REFUSAL = "Invalid HTTP request received."


class Refused(Exception):
    """Raised within the parser's calls, which makes a HttpParserError of it."""


class Connection(HttpToolsProtocol):
    def __init__(self, *, crowd: Crowd, **uvicorns: Any) -> None:
        """`uvicorns`: what it gives to every protocol."""
        super().__init__(**uvicorns)
        self._crowd = crowd
        self._address: str | None = None
        """Under which it counts."""
        self._departure = Departure()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._began = self._heard = self.loop.time()
        self._bytes = 0
        self._empty = 0
        self._head: int | None = None
        self._deaf = False
        self._timer = self.loop.call_later(LOOK_SECONDS, self._look)
        address = str((transport.get_extra_info("peername") or [""])[0])
        if self._crowd.enter(address):
            self._address = address
            return
        self._deaf = True
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        if self._address is not None:
            self._crowd.leave(self._address)
        super().connection_lost(exc)
        self._departure.happen()

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        if self.timeout_keep_alive_task is not None:  # the connection was idle: another request begins
            self._began, self._bytes = self._heard, 0
        self._bytes += len(data)
        self._unset_keepalive_if_required()
        if not self._deaf:
            self._read(data)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_AHEAD:
            raise Refused
        super().on_message_begin()
        self.scope[DEPARTURE] = self._departure  # type: ignore[literal-required]  # servers may add theirs
        self._head = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._grow(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head is None:
            return  # a trailer: what is said after a body has been judged by nobody, a proxy in front least of all
        super().on_header(name, value)
        self._grow(len(name) + len(value) + len(": \r\n"))

    def on_headers_complete(self) -> None:
        self._head, self._empty = None, 0
        version = self.parser.get_http_version()
        named = [value for name, value in self.headers if name == b"host"]
        coded = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
        if version not in VERSIONS or len(named) > 1 or (not named and version == "1.1"):
            raise Refused
        if coded and (coded != [b"chunked"] or version == "1.0"):
            raise Refused
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._empty = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._empty = 0
        super().on_message_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            # It was answered before it was whole: the rest was thrown away, and the connection is idle from now on.
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _read(self, data: bytes) -> None:
        while data:
            self._empty += len(data)
            try:
                self.parser.feed_data(data)
                data = b""
            except HttpParserUpgrade as upgrade:
                # It is not taken, so what follows is the next request (RFC 9110, 7.8). This parser would read none.
                self.parser, data = HttpRequestParser(self), data[upgrade.args[0] :]
            except HttpParserError:
                self._refuse()
                return
        if self._empty > MOST_HEADERS:
            self._refuse()

    def _grow(self, size: int) -> None:
        self._head = (self._head or 0) + size
        if self._head > MOST_HEADERS:
            raise Refused

    def _refuse(self) -> None:
        """Once; whoever waits for an answer to a request before this one gets it first, and no other in its place."""
        if self._deaf or self.transport.is_closing():
            return
        self._deaf = True
        cycle = self.cycle
        if cycle is None or cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            self.send_400_response(_REFUSAL)
        elif not cycle.more_body:
            cycle.keep_alive = False
        elif cycle.response_started or self.pipeline:
            self.transport.close()
        else:
            self.send_400_response(_REFUSAL)

    def send_400_response(self, msg: str) -> None:
        """Of what no application sees; uvicorn's own has none of the headers that every other answer has."""
        body = msg.encode("ascii")
        said = (
            *self.server_state.default_headers,
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (b"x-request-id", new_id().encode()),
            *GUARDS,
        )
        head = b"".join(name + b": " + value + b"\r\n" for name, value in said)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head + b"\r\n" + body)
        self.transport.close()

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        if self._is_late(self.loop.time()):
            self.transport.close()
            return
        self._timer = self.loop.call_later(LOOK_SECONDS, self._look)

    def _is_late(self, now: float) -> bool:
        if self.timeout_keep_alive_task is not None:
            return False  # idle; uvicorn ends that itself
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            return now - self._began > HEAD_SECONDS
        if not self.cycle.more_body or self.flow.read_paused:
            return False  # the rest is up to us
        if now - self._heard > SILENCE_SECONDS:
            return True
        return now - self._began > SILENCE_SECONDS + self._bytes / BODY_RATE

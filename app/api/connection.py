"""One client's connection: uvicorn's, and patience with an end.

uvicorn waits for ever for a request that has begun. Here whoever opens a connection and sends nothing, or sends a
request drop by drop, is hung up on: connections cost file descriptors, and a few thousand of them shut everyone out.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 20.0
"""For a request's line and headers, from the first byte; for a new connection from the start."""

SILENCE_SECONDS = 60.0
"""Without a byte of a body that is not whole."""

BODY_RATE = 500
"""Bytes a second that a body must come at on average, after `SILENCE_SECONDS`."""

LOOK_SECONDS = 5.0
"""Between two looks at a connection: a timer for each byte would cost more than it saves."""

MOST_HEADERS = 16_384
"""Bytes of a request's line and headers together; more is answered with 400."""


class Connection(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._began = self._heard = self.loop.time()
        self._bytes = 0
        self._timer = self.loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        if self.timeout_keep_alive_task is not None:  # the connection was idle: another request begins
            self._began, self._bytes = self._heard, 0
        self._bytes += len(data)
        super().data_received(data)

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

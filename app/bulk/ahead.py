"""A blocking iterator read ahead in a thread, for an event loop that must not stop."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
AHEAD = 2
"""Items read before anyone asks for them."""


class ReadAhead(Generic[T]):
    """Iterate once, and close the iterator: that ends the thread.

    The thread is a daemon: one that waits for a silent pipe cannot hold up Ctrl-C.
    """

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Queue[tuple[T] | BaseException | None] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        self._closed = False

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        try:
            while (item := await self._ready.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                self._room.release()
                yield item[0]
        finally:
            self._closed = True
            self._room.release()

    def _read(self) -> None:
        try:
            for item in self._items:
                self._room.acquire()
                if self._closed:
                    return
                self._hand_over((item,))
            self._hand_over(None)
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            self._hand_over(error)

    def _hand_over(self, item: tuple[T] | BaseException | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._ready.put_nowait, item)
        except RuntimeError:  # the loop is closed: nobody waits any more
            self._closed = True

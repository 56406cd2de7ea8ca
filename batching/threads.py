"""Threads for calls that may never come back."""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
Call = tuple[asyncio.AbstractEventLoop, asyncio.Future[Any], Callable[[], Any]]


class Threads:
    """Daemon threads, as many as calls run at once, used again and again. Lives on one event loop.

    An executor's threads are joined when the interpreter ends: one that hangs in the engine would keep the process
    alive for ever. Here a thread whose call does not come back is never idle again, and another takes its place.
    """

    def __init__(self, *, name: str) -> None:
        self._name = name
        self._idle: list[_Thread] = []
        self._closed = False

    def run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """A future of what `work` returns or raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        thread = self._idle.pop() if self._idle else self._start()
        thread.calls.put((loop, future, work))
        return future

    def close(self) -> None:
        """Ends the threads: the idle ones now, the others once they come back."""
        self._closed = True
        for thread in self._idle:
            thread.calls.put(None)
        for thread in self._idle:
            thread.join()
        self._idle.clear()

    def _start(self) -> "_Thread":
        thread = _Thread(self._name, self._settle)
        thread.start()
        return thread

    def _settle(
        self, thread: "_Thread", future: asyncio.Future[T], result: T, error: BaseException | None
    ) -> None:
        if self._closed:
            thread.calls.put(None)
        else:
            self._idle.append(thread)
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)


class _Thread(threading.Thread):
    def __init__(self, name: str, settle: Callable[..., None]) -> None:
        super().__init__(name=name, daemon=True)
        self.calls: SimpleQueue[Call | None] = SimpleQueue()
        self._settle = settle

    def run(self) -> None:
        while (call := self.calls.get()) is not None:
            loop, future, work = call
            result, error = _outcome(work)
            try:
                loop.call_soon_threadsafe(self._settle, self, future, result, error)
            except RuntimeError:
                return  # the loop has closed: nobody waits any more
            # What it holds would live until the next call.
            del call, future, work, result, error


def _outcome(work: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return work(), None
    except BaseException as raised:  # noqa: BLE001  handed to whoever awaits the future
        return None, raised

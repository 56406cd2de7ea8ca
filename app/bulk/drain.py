"""Stopping: once, and what is in the engine is finished; twice, and it is not."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def draining(told: Callable[[], None]) -> Iterator[asyncio.Event]:
    """The event is set by the first SIGINT or SIGTERM, and `told` called; the second cancels the running task."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    drain = asyncio.Event()

    def stop() -> None:
        if drain.is_set():
            if task is not None:
                task.cancel()
            return
        drain.set()
        told()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield drain
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

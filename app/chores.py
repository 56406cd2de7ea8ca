"""Work that goes on beside the requests, again and again, for as long as the service runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn, Protocol, TypeVar

from app.errors import StorageError

log = logging.getLogger("dragoman")

T = TypeVar("T")

PURGED = ("documents", "quality", "replay", "review", "times")
"""What is deleted once its time is over; `times`: when things end is brought up to date, which deletes nothing."""
Heard = Callable[[str, int | None], object]
"""Of what, how many were deleted; None: it failed."""


class Threaded(Protocol):
    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


def unheard(what: str, deleted: int | None) -> None:
    """For those who keep no metrics."""
    del what, deleted


async def repeated(
    work: Callable[[], T],
    *,
    every: float,
    thread: Threaded = asyncio.to_thread,
    heard: Callable[[T | None], object] = lambda _: None,
) -> NoReturn:
    """`work` blocks and runs in a thread, at once and then `every` so many seconds. A database or store that does
    not answer is logged, heard as None, and asked again the next time.
    """
    while True:
        try:
            done = await thread(work)
        except StorageError as error:
            heard(None)
            log.error("%s", error)
        else:
            heard(done)
        await asyncio.sleep(every)

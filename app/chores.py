"""Work that goes on beside the requests, again and again, for as long as the service runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from app.errors import StorageError

log = logging.getLogger("dragoman")

Threaded = Callable[[Callable[[], object]], Awaitable[object]]


async def repeated(
    work: Callable[[], object], *, every: float, thread: Threaded = asyncio.to_thread
) -> NoReturn:
    """`work` blocks and runs in a thread, at once and then `every` so many seconds. A database or store that does
    not answer is logged, and asked again the next time.
    """
    while True:
        try:
            await thread(work)
        except StorageError as error:
            log.error("%s", error)
        await asyncio.sleep(every)

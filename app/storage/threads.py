"""Threads for the store of files alone: one that hangs holds these up, and none that a text or the database needs."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_WORKERS = ThreadPoolExecutor(8, thread_name_prefix="files")


async def in_store_thread(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """As asyncio.to_thread, which shares its threads with everybody."""
    told = partial(contextvars.copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_WORKERS, told)

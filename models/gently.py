"""Gently: made by a thread that gives way to all others, so that the threads it starts do, too."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

FURTHER_BACK = 10
"""Steps of niceness. A thread has a tenth of what one ten steps before it has where both want the same core."""
LAST = 19


def gently(work: Callable[[], T]) -> T:
    """What `work` returns or raises. On Linux niceness is a thread's own, and its threads begin with it; elsewhere it
    is the whole process's, and left alone.
    """
    with ThreadPoolExecutor(1, initializer=_step_back) as executor:
        return executor.submit(work).result()


def _step_back() -> None:
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    # A system that forbids even this (some sandboxes do) lets all threads have the same.
    with suppress(OSError):
        behind = os.getpriority(os.PRIO_PROCESS, thread) + FURTHER_BACK
        os.setpriority(os.PRIO_PROCESS, thread, min(behind, LAST))

"""Gently: made by a thread that gives way to all others, so that the threads it starts do, too."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

NICENESS = 10
"""Of the system's -20 to 19. A thread at 10 has a tenth of what one at 0 has where both want the same core."""


def gently(work: Callable[[], T]) -> T:
    """What `work` returns or raises. On Linux niceness is a thread's own, and its threads begin with it; elsewhere it
    is the whole process's, and left alone.
    """
    with ThreadPoolExecutor(1, initializer=_step_back) as executor:
        return executor.submit(work).result()


def _step_back() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)

"""Threads that give way."""

import os
import sys
import threading

import pytest

from models.gently import NICENESS, gently

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness is the whole process's")


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_what_is_made_gently_gives_way_and_so_do_the_threads_it_starts() -> None:
    found: list[int] = []

    def start() -> int:
        thread = threading.Thread(target=lambda: found.append(_niceness()))
        thread.start()
        thread.join()
        return _niceness()

    before = _niceness()
    assert gently(start) == NICENESS
    assert found == [NICENESS]
    assert _niceness() == before


def test_what_is_raised_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        gently(lambda: 1 // 0)

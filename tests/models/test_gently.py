"""Threads that give way."""

import os
import sys
import threading

import pytest

from models.gently import FURTHER_BACK, LAST, gently

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
    expected = min(before + FURTHER_BACK, LAST)
    assert gently(start) == expected
    assert found == [expected]
    assert _niceness() == before


def test_whoever_is_far_back_already_goes_to_the_end() -> None:
    """A service started with `nice -n 15` may not step forward, to where 10 is."""
    assert gently(lambda: gently(_niceness)) == LAST


def test_a_system_that_forbids_it_lets_the_work_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(which: int, who: int, niceness: int) -> None:
        raise PermissionError(which, who, niceness)

    monkeypatch.setattr(os, "setpriority", forbid)

    assert gently(_niceness) == _niceness()


def test_what_is_raised_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        gently(lambda: 1 // 0)

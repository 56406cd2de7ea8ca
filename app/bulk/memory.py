"""The memory of a run, kept below what it may take."""

import ctypes
import gc
from collections.abc import Callable

import psutil

from app.errors import ConfigurationError

_WEIGHTS, _REPEATS = 2, 8
"""A half of it for models at most, and an eighth for translations that are remembered. The rest is the program, what
is in the engine, and the part being gathered."""
_LEAST_WEIGHTS, _LEAST_REPEATS = 67_108_864, 1_048_576


def resident() -> int:
    """Bytes."""
    return int(psutil.Process().memory_info().rss)


def shares(limit: int) -> dict[str, int]:
    """Settings, by their names."""
    return {
        "memory_budget": max(limit // _WEIGHTS, _LEAST_WEIGHTS),
        "cache_bytes": max(limit // _REPEATS, _LEAST_REPEATS),
    }


class Memory:
    def __init__(self, limit: int | None, *, used: Callable[[], int] = resident) -> None:
        """`limit` None: as much as there is."""
        self._limit = limit
        self._used = used

    def tight(self) -> bool:
        return self._limit is not None and self._used() > self._limit

    def check(self) -> None:
        """With nothing in the engine. Raises ConfigurationError where it is too much even so."""
        if not self.tight():
            return
        gc.collect()
        _trim()
        if self.tight():
            raise ConfigurationError(
                f"The run takes {self._used() / 1e6:,.0f} MB with nothing in the engine, more than --max-memory. "
                "Allow it more, and run the same command again."
            )


def _trim() -> None:
    """Memory that was freed goes back to the system. Where the C library has no such call it stays."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

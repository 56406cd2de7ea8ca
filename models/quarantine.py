"""Models that failed, set aside for a while with the reason, so that they are not tried for every request."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from models.contracts import Quarantined

LONGEST = 20
"""A model that fails again and again is set aside for this many times as long as the first time, at most."""


@dataclass(frozen=True, slots=True)
class _Record:
    model: str
    reason: str
    until: float
    failures: int


class Quarantine:
    """Thread-safe. By the key of a model's revision: a newer revision starts afresh."""

    def __init__(self, retry: float, clock: Callable[[], float]) -> None:
        """`retry`: seconds for which a model is set aside the first time, twice as long each time after; 0: never."""
        self._retry = retry
        self._clock = clock
        self._lock = threading.Lock()
        self._records: dict[str, _Record] = {}

    def add(self, key: str, model: str, reason: str) -> None:
        with self._lock:
            known = self._records.get(key)
            failures = known.failures + 1 if known else 1
            seconds = self._retry * min(2 ** (failures - 1), LONGEST)
            self._records[key] = _Record(model, reason, self._clock() + seconds, failures)

    def check(self, key: str) -> None:
        """Raises Quarantined while the model is set aside. After that its next user tries it."""
        if not self._records:
            return
        with self._lock:
            record = self._records.get(key)
            left = record.until - self._clock() if record else 0
        if record is not None and left > 0:
            raise Quarantined(record.model, record.reason, retry_after=left)

    @property
    def due(self) -> frozenset[str]:
        """Keys of those whose time is over and that nobody has loaded since."""
        if not self._records:
            return frozenset()
        now = self._clock()
        with self._lock:
            return frozenset(key for key, record in self._records.items() if record.until <= now)

    def lift(self, key: str) -> None:
        """It loaded, or is no longer installed."""
        with self._lock:
            self._records.pop(key, None)

    def keep(self, keys: frozenset[str]) -> None:
        """Forgets all others."""
        with self._lock:
            self._records = {key: each for key, each in self._records.items() if key in keys}

    @property
    def reasons(self) -> dict[str, str]:
        """By model id; a model whose time is over stays here until it has loaded."""
        with self._lock:
            return {record.model: record.reason for record in self._records.values()}

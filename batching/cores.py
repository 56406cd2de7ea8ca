"""Cores: what engine calls that run side by side get of the processor.

Bulk work computes on threads of its own, which the system lets run on what interactive work leaves (models/marian.py).
So both classes may be in the engine at once, more calls than there are cores, and a bulk call takes longer than it
computes. It is charged for what it was given, not for what it waited.
"""

from dataclasses import dataclass

from batching.work import Priority


@dataclass(frozen=True, slots=True)
class Entry:
    """When a call began."""

    at: float
    withheld: float


class Cores:
    """Lives on the event loop. Times are of one clock, in seconds, and never go back."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._running = dict.fromkeys(Priority, 0)
        self._now = 0.0
        self._withheld = 0.0
        """Seconds that a bulk call would not have been given so far, had there always been one."""

    def enter(self, priority: Priority, now: float) -> Entry:
        self._pass(now)
        self._running[priority] += 1
        return Entry(now, self._withheld)

    def leave(self, priority: Priority, now: float, *, since: Entry) -> float:
        """The share of its time that a call was given a core: 1.0 where nobody stood in its way."""
        self._pass(now)
        self._running[priority] -= 1
        if priority is Priority.INTERACTIVE or now <= since.at:
            return 1.0
        # Differences of large sums: a hair under nothing is nothing.
        return max(0.0, 1.0 - (self._withheld - since.withheld) / (now - since.at))

    def _pass(self, now: float) -> None:
        self._withheld += (now - self._now) * (1.0 - self._share())
        self._now = now

    def _share(self) -> float:
        """Of a core, for each bulk call, while interactive ones have what they want."""
        bulk = self._running[Priority.BULK]
        left = max(self._count - self._running[Priority.INTERACTIVE], 0)
        return 1.0 if bulk <= left else left / bulk

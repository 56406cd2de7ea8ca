"""Express: while people are about, one engine thread takes bulk work only in small batches, so that a person who comes
waits for the rest of a small one. The engine cannot interrupt a batch.
"""

from collections.abc import Sequence

from batching.budget import padded
from batching.work import Priority, WorkItem

PRESENCE = 2.0
"""Seconds after an interactive request during which another is expected."""

SMALL = 128
"""Padded tokens of a small batch: about as long in the engine as one sentence alone (research: a batch of M sentences
costs b + a/M a token, so five short sentences take what one long one takes)."""


class Express:
    """Lives on the event loop."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._last_seen = float("-inf")
        self._long = 0
        """Batches of bulk work in the engine that are not small."""

    def seen(self, now: float) -> None:
        """An interactive request came."""
        self._last_seen = now

    def bulk_budget(self, now: float) -> int | None:
        """The budget of a bulk batch that would start now; None for the full one."""
        people = now - self._last_seen < PRESENCE
        return SMALL if people and self._long >= self._threads - 1 else None

    def enter(self, batch: Sequence[WorkItem]) -> bool:
        """A batch starts. Returns whether it is long bulk work, to be given back to `leave`."""
        long = batch[0].priority is Priority.BULK and padded(item.length for item in batch) > SMALL
        self._long += long
        return long

    def leave(self, long: bool) -> None:
        self._long -= long

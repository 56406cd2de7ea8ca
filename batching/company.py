"""Company: where requests come in crowds, a free engine thread gives the first of them a moment to be joined.

Clients that were answered together ask again within a few milliseconds of each other. Taking the first of them at
once leaves the others a batch later, in company that is as small (docs/architecture.md, "A moment for company").
"""

from collections.abc import Sequence

from batching.work import WorkItem

MOMENT = 0.001
"""Seconds; a sentence alone takes some 25 times as long."""

MOMENTS = 5
"""At most, one after the other. More of them make larger batches of few clients, and answers that come later."""

FEW = 32
"""Segments from which on a batch is worth starting at once (research: 85 % of what the largest batch gives)."""

MEMORY = 1.0
"""Seconds that a batch of several requests is remembered. Whoever asks alone never waits."""


class Company:
    def __init__(self) -> None:
        self._seen = float("-inf")

    def meet(self, batch: Sequence[WorkItem], now: float) -> None:
        """A batch enters the engine."""
        if len({id(ticket.group) for item in batch for ticket in item.tickets}) > 1:
            self._seen = now

    def expected(self, waiting: int, now: float) -> bool:
        """Whether `waiting` segments should be given a moment."""
        return waiting < FEW and now - self._seen < MEMORY

"""How much may wait, and for how long: who is refused at the door."""

from collections import Counter

from batching.errors import Overloaded
from batching.work import Priority, WorkItem

_SMOOTHING = 0.2
"""Weight of the newest batch in the measured drain rate."""
_UNMEASURED = 2_000.0
"""Tokens a second an engine thread is taken for before anything was measured (docs/benchmarks.md)."""
_ITEM = 32
"""Tokens of a segment, about: what a tenant who has nothing waiting waits for at each of the others."""


class Capacity:
    """The bounds on waiting work, shared by all lanes, and the drain rate that `Retry-After` comes from.

    `limit` bounds what may wait, in tokens: interactive work by itself, bulk work with all that waits, so that bulk
    never keeps a person out. `patience` bounds, in seconds, how long interactive work would wait for its turn.
    """

    def __init__(self, limit: int, *, threads: int, patience: float = float("inf")) -> None:
        self._limit = limit
        self._threads = threads
        self._patience = patience
        self._rate = _UNMEASURED
        self._held = dict.fromkeys(Priority, 0)
        self._interactive: Counter[str] = Counter()
        """Tokens by tenant; those with none are not in it."""
        self.waiting = 0
        """Tokens in the queues; what was let in and is not tokenised yet is not among them."""

    def admit(self, tenant: str, priority: Priority, *, timeout: float | None = None) -> None:
        """Raises the refusal, where there is one."""
        refused = self.refusal(tenant, priority, timeout=timeout)
        if refused is not None:
            raise refused

    def refusal(self, tenant: str, priority: Priority, *, timeout: float | None = None) -> Overloaded | None:
        """Where there is no room, or where the work's turn would come too late.

        `timeout`: seconds after which the caller gives up. A submission is let in whole: one larger than what is
        left is not refused for ever, and a limit is overshot by at most one submission.
        """
        held = self._held[priority] + (self._held[Priority.INTERACTIVE] if priority is Priority.BULK else 0)
        ahead, within = held, timeout or float("inf")
        if priority is Priority.INTERACTIVE:
            ahead, within = self._ahead(tenant), min(within, self._patience)
        if held >= self._limit:
            return Overloaded(max(1.0, self._seconds(held)))
        if self._seconds(ahead) > within:
            return Overloaded(max(1.0, self._seconds(ahead)))
        return None

    def hold(self, tenant: str, priority: Priority, tokens: int) -> None:
        """Counts `tokens` in; those that leave are negative."""
        self._held[priority] += tokens
        if priority is Priority.INTERACTIVE:
            self._interactive[tenant] += tokens
            if not self._interactive[tenant]:
                del self._interactive[tenant]

    def enter(self, item: WorkItem) -> None:
        self.waiting += item.length
        self.hold(item.tenant, item.priority, item.length)

    def leave(self, item: WorkItem) -> None:
        self.waiting -= item.length
        self.hold(item.tenant, item.priority, -item.length)

    def measure(self, tokens: int, compute_ns: int) -> None:
        """A thread spent `compute_ns` on `tokens`."""
        if compute_ns > 0:
            self._rate += _SMOOTHING * (tokens * 1e9 / compute_ns - self._rate)

    @property
    def empty(self) -> bool:
        return not any(self._held.values()) and not self.waiting

    def _ahead(self, tenant: str) -> int:
        """Tokens served before the tenant's newest work gets its turn: shares are fair, so of the others' work no
        more than of its own.
        """
        mine = self._interactive.get(tenant, 0)
        others = len(self._interactive) - (mine > 0)
        return min(self._held[Priority.INTERACTIVE], mine + others * (mine + _ITEM))

    def _seconds(self, tokens: int) -> float:
        return tokens / (self._rate * self._threads)

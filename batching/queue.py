"""What waits for one model, and how much may wait in all."""

from collections import OrderedDict
from collections.abc import Iterable

from batching.errors import Overloaded
from batching.policy import fair_order, fill, pick_class, window
from batching.work import Key, Priority, Ticket, WorkItem

_SMOOTHING = 0.2
"""Weight of the newest batch in the measured drain rate."""
_UNMEASURED = 2_000.0
"""Tokens a second an engine thread is taken for before anything was measured (docs/benchmarks.md)."""


class Capacity:
    """The bound on waiting tokens, shared by all lanes, and the drain rate that `Retry-After` comes from."""

    def __init__(self, limit: int, *, threads: int) -> None:
        self._limit = limit
        self._threads = threads
        self._rate = _UNMEASURED
        self.waiting = 0

    def admit(self) -> None:
        """Raises Overloaded while the limit is reached.

        A submission is let in whole: one larger than what is left is not refused for ever, and the limit is
        overshot by at most one submission.
        """
        if self.waiting >= self._limit:
            raise Overloaded(max(1.0, self.waiting / (self._rate * self._threads)))

    def measure(self, tokens: int, compute_ns: int) -> None:
        """A thread spent `compute_ns` on `tokens`."""
        if compute_ns > 0:
            self._rate += _SMOOTHING * (tokens * 1e9 / compute_ns - self._rate)


class LaneQueue:
    """Waiting items of one model. Not thread-safe: lives on the event loop."""

    def __init__(self, capacity: Capacity, *, budget: int) -> None:
        self._capacity = capacity
        self._budget = budget
        self._classes: dict[Priority, dict[str, OrderedDict[int, WorkItem]]] = {each: {} for each in Priority}
        self._served: dict[Priority, dict[str, int]] = {each: {} for each in Priority}
        self._last_bulk = float("-inf")
        self._count = 0
        self._open: dict[Key, WorkItem] = {}

    def __len__(self) -> int:
        return self._count

    def join(self, key: Key, ticket: Ticket) -> WorkItem | None:
        """The equal item that waits or runs already, which `ticket` now shares; None when there is none."""
        item = self._open.get(key)
        if item is not None:
            item.tickets.append(ticket)
        return item

    def put(self, item: WorkItem) -> None:
        served = self._served[item.priority]
        if item.tenant not in served:
            # Whoever comes (back) starts level with those who wait: neither with unspent credit nor with debt.
            served[item.tenant] = min(served.values(), default=0)
        queue = self._classes[item.priority].setdefault(item.tenant, OrderedDict())
        queue[item.sequence] = item
        self._count += 1
        self._open[item.key] = item
        self._capacity.waiting += item.length

    def take(self, now: float) -> list[WorkItem]:
        """Removes and returns the next batch, longest first; [] when nothing waits."""
        priority = pick_class(self._oldest(), now=now, last_bulk=self._last_bulk)
        if priority is None:
            return []
        queues = {tenant: queue.values() for tenant, queue in self._classes[priority].items()}
        order = fair_order(queues, self._served[priority])
        batch = fill(window(order, budget=self._budget), budget=self._budget)
        if priority is Priority.BULK:
            self._last_bulk = now
        self._serve(batch, self._served[priority])
        return batch

    def drop(self, items: Iterable[WorkItem]) -> int:
        """Takes out those of `items` that still wait here and that nobody wants any more; how many that was."""
        dropped = 0
        for item in items:
            # Looked at one by one: a request with equal segments names their item more than once.
            if not item.wanted and self._waits(item):
                self._remove(item)
                self.close(item)
                dropped += 1
        return dropped

    def close(self, item: WorkItem) -> None:
        """No more tickets may join: the item is done or gone."""
        if self._open.get(item.key) is item:
            del self._open[item.key]

    def clear(self) -> list[WorkItem]:
        """Everything known here, waiting and running, which is forgotten."""
        items = list(self._open.values())
        for tenants in self._classes.values():
            for queue in tenants.values():
                self._capacity.waiting -= sum(item.length for item in queue.values())
            tenants.clear()
        for served in self._served.values():
            served.clear()
        self._open.clear()
        self._count = 0
        return items

    def _waits(self, item: WorkItem) -> bool:
        return item.sequence in self._classes[item.priority].get(item.tenant, ())

    def _oldest(self) -> dict[Priority, float]:
        return {
            priority: min(next(iter(queue.values())).arrived for queue in tenants.values())
            for priority, tenants in self._classes.items()
            if tenants
        }

    def _serve(self, batch: list[WorkItem], served: dict[str, int]) -> None:
        longest = batch[0].length
        for item in batch:
            served[item.tenant] += longest
        for item in batch:
            self._remove(item)

    def _remove(self, item: WorkItem) -> None:
        tenants = self._classes[item.priority]
        queue = tenants[item.tenant]
        del queue[item.sequence]
        self._count -= 1
        self._capacity.waiting -= item.length
        if not queue:
            del tenants[item.tenant]
            del self._served[item.priority][item.tenant]

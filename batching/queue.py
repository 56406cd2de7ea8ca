"""What waits for one model."""

from collections.abc import Iterable

from batching.capacity import Capacity
from batching.fairqueue import FairQueue
from batching.policy import fill, pick_class
from batching.work import Key, Priority, Ticket, WorkItem


class LaneQueue:
    """Waiting items of one model. Not thread-safe: lives on the event loop."""

    def __init__(self, capacity: Capacity, *, budget: int) -> None:
        self._capacity = capacity
        self._budget = budget
        # Nobody watches bulk work: its answers may come in any order, and throughput is what counts.
        self._classes = {each: FairQueue(wide=each is Priority.BULK) for each in Priority}
        self._last_bulk = float("-inf")
        self._open: dict[Key, WorkItem] = {}

    def __len__(self) -> int:
        return sum(map(len, self._classes.values()))

    @property
    def urgent(self) -> bool:
        """Whether somebody waits for an answer from this model."""
        return bool(self._classes[Priority.INTERACTIVE])

    def join(self, key: Key, ticket: Ticket) -> WorkItem | None:
        """The equal item that waits or runs already, which `ticket` now shares; None when there is none."""
        item = self._open.get(key)
        if item is not None:
            item.tickets.append(ticket)
        return item

    def put(self, item: WorkItem) -> None:
        self._classes[item.priority].put(item)
        self._open[item.key] = item
        self._capacity.enter(item)

    def take(self, now: float, *, bulk_budget: int | None = None) -> list[WorkItem]:
        """Removes and returns the next batch, longest first; [] when nothing waits.

        `bulk_budget` bounds a batch of bulk work instead of the lane's own budget.
        """
        oldest = {each: queue.oldest for each, queue in self._classes.items()}
        waiting = {each: since for each, since in oldest.items() if since is not None}
        priority = pick_class(waiting, now=now, last_bulk=self._last_bulk)
        if priority is None:
            return []
        budget = self._budget
        if priority is Priority.BULK:
            self._last_bulk = now
            budget = min(budget, bulk_budget or budget)
        queue = self._classes[priority]
        batch = fill(queue.candidates(budget=budget), budget=budget)
        queue.serve(batch)
        for item in batch:
            self._capacity.leave(item)
        return batch

    def drop(self, items: Iterable[WorkItem]) -> int:
        """Takes out those of `items` that still wait here and that nobody wants any more; how many that was."""
        dropped = 0
        for item in items:
            queue = self._classes[item.priority]
            # Looked at one by one: a request with equal segments names their item more than once.
            if not item.wanted and item in queue:
                queue.remove(item)
                self._capacity.leave(item)
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
        for queue in self._classes.values():
            for item in queue.clear():
                self._capacity.leave(item)
        self._open.clear()
        return items

"""What waits on one lane."""

from collections.abc import Callable, Iterable

from batching.budget import Budget
from batching.capacity import Capacity
from batching.fairqueue import FairQueue
from batching.policy import fill
from batching.work import Key, Ticket, WorkItem


class LaneQueue:
    """Waiting items of one model and class. Not thread-safe: lives on the event loop."""

    def __init__(self, capacity: Capacity, *, budget: Budget, wide: bool = False) -> None:
        """`budget`: of a batch. `wide`: see FairQueue."""
        self._capacity = capacity
        self._budget = budget
        self._waiting = FairQueue(wide=wide)
        self._open: dict[Key, WorkItem] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, key: Key, ticket: Ticket) -> WorkItem | None:
        """The equal item that waits or runs already, which `ticket` now shares; None when there is none."""
        item = self._open.get(key)
        if item is not None:
            item.tickets.append(ticket)
        return item

    def put(self, item: WorkItem) -> None:
        self._waiting.put(item)
        self._open[item.key] = item
        self._capacity.enter(item)

    def take(self, *, snug: Callable[[int], int] = int) -> list[WorkItem]:
        """Removes and returns the next batch, longest first; [] when nothing waits.

        `snug`: see Backend. An item of that length takes the place of what the engine would add to be as wide.
        """
        if not self._waiting:
            return []
        candidates = self._waiting.candidates(self._budget)
        batch = fill(candidates, budget=self._budget)
        wanted = snug(batch[0].length)
        if wanted > batch[0].length and (longest := self._waiting.of_length(wanted)) is not None:
            batch.insert(0, longest)
        self._waiting.serve(batch)
        for item in batch:
            self._capacity.leave(item)
        return batch

    def drop(self, items: Iterable[WorkItem]) -> int:
        """Takes out those of `items` that still wait here and that nobody wants any more; how many that was."""
        dropped = 0
        for item in items:
            # Looked at one by one: a request with equal segments names their item more than once.
            if item in self._waiting and not item.wanted:
                self._waiting.remove(item)
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
        for item in self._waiting.clear():
            self._capacity.leave(item)
        self._open.clear()
        return items

"""One class of waiting items, each tenant's in order of arrival."""

from collections import OrderedDict
from contextlib import closing

from batching.policy import merge, window
from batching.turns import Turns
from batching.work import WorkItem


class FairQueue:
    """Every operation costs the logarithm of the tenants at most, however many items wait."""

    def __init__(self) -> None:
        self._items: OrderedDict[int, WorkItem] = OrderedDict()
        self._tenants: dict[str, OrderedDict[int, WorkItem]] = {}
        self._turns = Turns()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: WorkItem) -> bool:
        return item.sequence in self._items

    @property
    def oldest(self) -> float | None:
        """When the item that waits longest arrived."""
        first = next(iter(self._items.values()), None)
        return None if first is None else first.arrived

    def put(self, item: WorkItem) -> None:
        if item.tenant not in self._turns:
            self._turns.enter(item.tenant)
        self._items[item.sequence] = item
        self._tenants.setdefault(item.tenant, OrderedDict())[item.sequence] = item

    def candidates(self, *, budget: int) -> list[WorkItem]:
        """The items whose turn it is, a few batches' worth."""
        with closing(self._turns.in_order()) as tenants:
            order = merge((served, self._tenants[tenant].values()) for served, tenant in tenants)
            return window(order, budget=budget)

    def serve(self, batch: list[WorkItem]) -> None:
        """Takes the batch out and puts it on its tenants' account, padding included."""
        longest = batch[0].length
        for item in batch:
            self._turns.serve(item.tenant, longest)
        for item in batch:
            self.remove(item)

    def remove(self, item: WorkItem) -> None:
        del self._items[item.sequence]
        mine = self._tenants[item.tenant]
        del mine[item.sequence]
        if not mine:
            del self._tenants[item.tenant]
            self._turns.leave(item.tenant)

    def clear(self) -> list[WorkItem]:
        """What waited."""
        items = list(self._items.values())
        self._items.clear()
        self._tenants.clear()
        self._turns.clear()
        return items

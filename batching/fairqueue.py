"""One class of waiting items, each tenant's in order of arrival."""

from collections import Counter, OrderedDict

from batching.budget import Budget
from batching.lengths import Lengths
from batching.policy import merge, window
from batching.turns import Turns
from batching.work import WorkItem


class FairQueue:
    """Every operation costs the logarithm of the tenants at most, however many items wait."""

    def __init__(self, *, wide: bool = False) -> None:
        """`wide`: company is looked for among all items that wait, where they are one tenant's, not only among the
        first: batches of more equal length, answers less in the order of arrival.
        """
        self._lengths = Lengths() if wide else None
        self._items: OrderedDict[int, WorkItem] = OrderedDict()
        self._tenants: dict[str, OrderedDict[int, WorkItem]] = {}
        self._turns = Turns()

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: WorkItem) -> bool:
        return item.sequence in self._items

    def put(self, item: WorkItem) -> None:
        if item.tenant not in self._turns:
            self._turns.enter(item.tenant)
        self._items[item.sequence] = item
        if self._lengths is not None:
            self._lengths.add(item)
        self._tenants.setdefault(item.tenant, OrderedDict())[item.sequence] = item

    def candidates(self, budget: Budget) -> list[WorkItem]:
        """The items whose turn it is, a few batches' worth; the first of them is next in any case."""
        if self._lengths is not None and len(self._tenants) == 1:
            return self._company(self._lengths, budget)
        order = merge((served, self._tenants[tenant].values()) for served, tenant in self._turns.in_order())
        return window(order, budget=budget)

    def of_length(self, length: int) -> WorkItem | None:
        """Where company is looked for among all that wait, and there is one."""
        if self._lengths is None or len(self._tenants) != 1:
            return None
        sequence = self._lengths.first_of(length)
        return None if sequence is None else self._items[sequence]

    def _company(self, lengths: Lengths, budget: Budget) -> list[WorkItem]:
        """The one that waits longest, and as many on either side of its length as a batch may hold."""
        first = next(iter(self._items.values()))
        near = lengths.near(first, min(budget.tokens // max(first.length, 1), budget.segments))
        return [first, *(self._items[sequence] for sequence in near)]

    def serve(self, batch: list[WorkItem]) -> None:
        """Takes the batch out and puts it on its tenants' account, padding included."""
        longest = batch[0].length
        for tenant, count in Counter(item.tenant for item in batch).items():
            self._turns.serve(tenant, longest * count)
        for item in batch:
            self.remove(item)

    def remove(self, item: WorkItem) -> None:
        del self._items[item.sequence]
        if self._lengths is not None:
            self._lengths.remove(item)
        mine = self._tenants[item.tenant]
        del mine[item.sequence]
        if not mine:
            del self._tenants[item.tenant]
            self._turns.leave(item.tenant)

    def clear(self) -> list[WorkItem]:
        """What waited."""
        items = list(self._items.values())
        self._items.clear()
        if self._lengths is not None:
            self._lengths.clear()
        self._tenants.clear()
        self._turns.clear()
        return items

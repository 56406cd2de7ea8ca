"""Which waiting items form the next batch. Pure: no clock, no I/O.

An item is chosen by, in this order: its tenant's fair share (whoever has been served fewest padded tokens comes
first), its arrival; then the batch is filled with the items nearest in length, because padding is what a batch wastes.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, TypeVar

from batching.budget import Budget

WINDOW = 8
"""How many batches' worth of tokens, and of segments, are looked at for similar lengths."""


class Waiting(Protocol):
    """What the policy needs to know of a work item."""

    @property
    def tenant(self) -> str: ...
    @property
    def length(self) -> int: ...


W = TypeVar("W", bound=Waiting)


def merge(tenants: Iterable[tuple[int, Iterable[W]]]) -> Iterator[W]:
    """Items in the order in which they may claim the engine.

    `tenants`: tokens each was given so far and its items by arrival, least served first; only those whose turn
    comes are looked at. Always next is the first item of the tenant who has had least, counting what this very
    iteration gave it; ties by the order of `tenants`.
    """
    stream = enumerate(tenants)
    upcoming = next(stream, None)
    heads: list[tuple[int, int, W, Iterator[W]]] = []
    while heads or upcoming is not None:
        if upcoming is not None and (not heads or upcoming[1][0] < heads[0][0]):
            turn, (tokens, queue) = upcoming
            items = iter(queue)
            item = next(items, None)
            upcoming = next(stream, None)
        else:
            tokens, turn, item, items = heapq.heappop(heads)
        if item is None:
            continue
        yield item
        following = next(items, None)
        if following is not None:
            heapq.heappush(heads, (tokens + item.length, turn, following, items))


def window(order: Iterable[W], *, budget: Budget, batches: int = WINDOW) -> list[W]:
    """The first items of `order`, as many as make `batches` batches, and at least one."""
    taken: list[W] = []
    tokens = 0
    for item in islice(order, budget.segments * batches):
        if taken and tokens + item.length > budget.tokens * batches:
            break
        taken.append(item)
        tokens += item.length
    return taken


def fill(candidates: Sequence[W], *, budget: Budget) -> list[W]:
    """The batch: the first candidate, always, and those nearest to it in length while the budget lasts.

    Candidates come in the order of their claim. The batch comes out longest first, as the engine likes it.
    """
    if not candidates:
        return []
    by_length = sorted(range(len(candidates)), key=lambda index: (candidates[index].length, index))
    low = high = by_length.index(0)
    while True:
        grown = _grow(candidates, by_length, low, high, budget=budget)
        if grown is None:
            break
        low, high = grown
    return [candidates[index] for index in reversed(by_length[low : high + 1])]


def _grow(
    candidates: Sequence[W], by_length: Sequence[int], low: int, high: int, *, budget: Budget
) -> tuple[int, int] | None:
    """The span of sorted candidates widened by its nearest neighbour in length; None when none fits."""
    size = high - low + 2
    longest, shortest = candidates[by_length[high]].length, candidates[by_length[low]].length
    options: list[tuple[int, int, int]] = []
    if low > 0 and budget.allows(longest, size):
        options.append((shortest - candidates[by_length[low - 1]].length, low - 1, high))
    if high + 1 < len(by_length):
        longer = candidates[by_length[high + 1]].length
        if budget.allows(longer, size):
            options.append((longer - longest, low, high + 1))
    if not options:
        return None
    _, low, high = min(options)
    return low, high

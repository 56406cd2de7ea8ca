"""Waiting items by their length: neighbours are found among all of them at once, however many they are."""

from bisect import bisect_left, insort

from batching.work import WorkItem


class Lengths:
    """Of items by sequence. Looking costs the logarithm of how many they are."""

    def __init__(self) -> None:
        self._order: list[tuple[int, int]] = []
        """Length and sequence."""

    def add(self, item: WorkItem) -> None:
        insort(self._order, (item.length, item.sequence))

    def remove(self, item: WorkItem) -> None:
        del self._order[self._place(item)]

    def near(self, item: WorkItem, count: int) -> list[int]:
        """Sequences of the `count` next shorter and the `count` next longer ones, without its own."""
        place = self._place(item)
        found = self._order[max(0, place - count) : place] + self._order[place + 1 : place + 1 + count]
        return [sequence for _, sequence in found]

    def first_of(self, length: int) -> int | None:
        """Sequence of the oldest item of exactly this length."""
        place = bisect_left(self._order, (length, 0))
        found = self._order[place] if place < len(self._order) else (0, 0)
        return found[1] if found[0] == length else None

    def clear(self) -> None:
        self._order.clear()

    def _place(self, item: WorkItem) -> int:
        return bisect_left(self._order, (item.length, item.sequence))

"""Turns: the tenants of one class, least served first. Picking costs the logarithm of how many they are."""

import heapq
from collections.abc import Generator

_Entry = tuple[int, int, str]
"""Tokens served, order of arrival, tenant. An entry that is no longer true is skipped where it surfaces."""


class Turns:
    def __init__(self) -> None:
        self._served: dict[str, _Entry] = {}
        self._heap: list[_Entry] = []
        self._arrivals = 0

    def __contains__(self, tenant: str) -> bool:
        return tenant in self._served

    def enter(self, tenant: str) -> None:
        """Level with the least served of those who wait: neither with unspent credit nor with debt."""
        self._arrivals += 1
        self._put((self._least(), self._arrivals, tenant))

    def leave(self, tenant: str) -> None:
        del self._served[tenant]
        if not self._served:
            self._heap.clear()

    def serve(self, tenant: str, tokens: int) -> None:
        served, arrival, _ = self._served[tenant]
        self._put((served + tokens, arrival, tenant))

    def clear(self) -> None:
        self._served.clear()
        self._heap.clear()

    def in_order(self) -> Generator[tuple[int, str], None, None]:
        """Tokens served and tenant, least first; takes out as many as are asked for, and puts them back."""
        taken: list[_Entry] = []
        try:
            while (entry := self._pop()) is not None:
                taken.append(entry)
                yield entry[0], entry[2]
        finally:
            for entry in taken:
                heapq.heappush(self._heap, entry)

    def _put(self, entry: _Entry) -> None:
        self._served[entry[2]] = entry
        heapq.heappush(self._heap, entry)

    def _least(self) -> int:
        entry = self._pop()
        if entry is None:
            return 0
        heapq.heappush(self._heap, entry)
        return entry[0]

    def _pop(self) -> _Entry | None:
        """The least served tenant that still waits. Entries that no longer hold are dropped on the way."""
        while self._heap:
            entry = heapq.heappop(self._heap)
            if self._served.get(entry[2]) == entry:
                return entry
        return None

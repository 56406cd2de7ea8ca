"""Turns: the tenants of one class, least served first. Picking costs the logarithm of how many they are."""

import heapq
from bisect import insort
from collections.abc import Iterator

MOST = 1_000
"""Entries in front, from which on half of them go back when another comes among them; and those that may be out of
date beside twice as many as hold."""

_Entry = tuple[int, int, str]
"""Tokens served, order of arrival, tenant. An entry that is no longer true is skipped where it surfaces."""


class Turns:
    """Those who come first stand in order already: a choice of a batch looks at hundreds and serves a few of them."""

    def __init__(self) -> None:
        self._served: dict[str, _Entry] = {}
        self._front: list[_Entry] = []
        """In order; none of the rest comes before its last."""
        self._rest: list[_Entry] = []
        """A heap."""
        self._arrivals = 0

    def __contains__(self, tenant: str) -> bool:
        return tenant in self._served

    def enter(self, tenant: str) -> None:
        """Level with the least served of those who wait: neither with unspent credit nor with debt."""
        self._arrivals += 1
        first = self._first()
        self._put((first[0] if first else 0, self._arrivals, tenant))

    def leave(self, tenant: str) -> None:
        del self._served[tenant]
        if not self._served:
            self.clear()

    def serve(self, tenant: str, tokens: int) -> None:
        served, arrival, _ = self._served[tenant]
        self._put((served + tokens, arrival, tenant))

    def clear(self) -> None:
        self._served.clear()
        self._front.clear()
        self._rest.clear()

    def in_order(self) -> Iterator[tuple[int, str]]:
        """Tokens served and tenant, least first. Nobody may be served, enter or leave before it is done with."""
        self._front = [entry for entry in self._front if self._served.get(entry[2]) is entry]
        for served, _, tenant in self._front:
            yield served, tenant
        while (entry := self._advance()) is not None:
            yield entry[0], entry[2]

    def _put(self, entry: _Entry) -> None:
        self._served[entry[2]] = entry
        if not self._front or entry > self._front[-1]:
            heapq.heappush(self._rest, entry)
            if len(self._rest) > 2 * len(self._served) + MOST:
                # Where one tenant alone is served, nobody else's turn brings its old entries to the surface.
                self._front, self._rest = [], sorted(self._served.values())
            return
        insort(self._front, entry)
        if len(self._front) > MOST:
            for last in self._front[MOST // 2 :]:
                heapq.heappush(self._rest, last)
            del self._front[MOST // 2 :]

    def _first(self) -> _Entry | None:
        for place, entry in enumerate(self._front):
            if self._served.get(entry[2]) is entry:
                del self._front[:place]
                return entry
        self._front.clear()
        return self._advance()

    def _advance(self) -> _Entry | None:
        """The first of the rest that is still true, which comes in front."""
        while self._rest:
            entry = heapq.heappop(self._rest)
            if self._served.get(entry[2]) is entry:
                self._front.append(entry)
                return entry
        return None

"""Which of one side belongs to which of the other, each once: by a table of signs, so that no list costs its square."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable


def twins(asking: Iterable[Iterable[Hashable]], known: Iterable[Iterable[Hashable]]) -> list[int | None]:
    """For each of `asking` the place of the first of `known` that is left and has its first sign, else its second..."""
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for place, signs in enumerate(known):
        for sign in signs:
            waiting[sign].append(place)
    taken: set[int | None] = set()
    found = []
    for signs in asking:
        places = (_first(waiting[sign], taken) for sign in signs if sign in waiting)
        twin = next((place for place in places if place is not None), None)
        taken.add(twin)
        found.append(twin)
    return found


def _first(waiting: deque[int], taken: set[int | None]) -> int | None:
    while waiting and waiting[0] in taken:
        waiting.popleft()
    return waiting[0] if waiting else None

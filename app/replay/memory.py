"""What this process remembers of recent requests: under which key they were charged, and what was answered."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.replay.answer import Answer

OVERHEAD = 900
"""Bytes that an entry takes beside its answer: names, digest and dictionary slots, rounded up."""
_SHARE = 4
"""An answer of more than this part of the memory is not kept: it would drive out too many."""


@dataclass(frozen=True, slots=True)
class Kept:
    key: str
    """In the ledger."""
    digest: str
    until: float
    """Moment, in seconds since 1970, from which a repeat is new work."""
    answer: Answer | None
    """None: not kept; a repeat is worked out again and not charged."""
    settled: bool = True
    """Whether it is known to be charged; else a repeat may be the first to be."""

    @property
    def size(self) -> int:
        return OVERHEAD + (0 if self.answer is None else self.answer.size)


@dataclass(slots=True)
class _Shelf:
    """One tenant's, the oldest first."""

    entries: OrderedDict[str, Kept] = field(default_factory=OrderedDict)
    size: int = 0


class Memory:
    """Lives on the event loop. When it is full, whoever fills most of it loses their oldest."""

    def __init__(self, limit: int, *, forgot: Callable[[tuple[str, str]], None]) -> None:
        """`limit`: bytes, about. `forgot` is told what leaves before its time."""
        self._limit = limit
        self._forgot = forgot
        self._size = 0
        self._shelves: dict[str, _Shelf] = {}

    @property
    def size(self) -> int:
        return self._size

    def get(self, place: tuple[str, str], *, now: float) -> Kept | None:
        tenant, name = place
        shelf = self._shelves.get(tenant)
        kept = None if shelf is None else shelf.entries.get(name)
        return kept if kept is not None and now < kept.until else None

    def put(self, place: tuple[str, str], kept: Kept) -> None:
        tenant, name = place
        if kept.answer is not None and kept.answer.size * _SHARE > self._limit:
            kept = replace(kept, answer=None)
        self._drop(tenant, name)
        shelf = self._shelves.setdefault(tenant, _Shelf())
        shelf.entries[name] = kept
        shelf.size += kept.size
        self._size += kept.size
        while self._size > self._limit:
            fullest = max(self._shelves, key=lambda each: self._shelves[each].size)
            oldest = next(iter(self._shelves[fullest].entries))
            self._drop(fullest, oldest)
            self._forgot((fullest, oldest))

    def expire(self, *, now: float) -> None:
        """Lets go of what is over, from the oldest on."""
        for tenant, shelf in list(self._shelves.items()):
            while shelf.entries and (oldest := next(iter(shelf.entries.items())))[1].until <= now:
                self._drop(tenant, oldest[0])

    def _drop(self, tenant: str, name: str) -> None:
        shelf = self._shelves.get(tenant)
        kept = None if shelf is None else shelf.entries.pop(name, None)
        if shelf is None or kept is None:
            return
        shelf.size -= kept.size
        self._size -= kept.size
        if not shelf.entries:
            del self._shelves[tenant]

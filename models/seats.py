"""Seats: what is in the pool, who uses it and who will. Decides nothing, and is for one thread at a time."""

import threading
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from models.card import ModelCard
from models.contracts import Backend
from models.residency import Resident


@dataclass(slots=True, eq=False)
class Seat:
    """A model's place in the pool. `users` guards it against eviction; `loading` lets others wait for it."""

    card: ModelCard
    used: float
    """When it was last used, by the pool's clock."""
    loading: threading.Lock = field(default_factory=threading.Lock)
    backend: Backend | None = None
    size: int = 0
    """Bytes it takes, or that are set apart for it while it loads."""
    reload: float = 0.0
    users: int = 0


class Seats:
    """By revision. A pinned model is one whose id is in `pinned`."""

    def __init__(self, pinned: Collection[str]) -> None:
        self._pinned = pinned
        self._seats: dict[str, Seat] = {}
        self._claims: Counter[str] = Counter()

    def sit(self, card: ModelCard, now: float) -> Seat:
        """For one more user."""
        seat = self._seats.setdefault(card.revision, Seat(card, now))
        seat.users += 1
        return seat

    def leave(self, seat: Seat, now: float) -> bool:
        """Whether the seat was taken out in the meantime and this was its last user: its model is to be closed."""
        seat.users -= 1
        seat.used = now
        if not seat.users and seat.backend is None:
            self.remove(seat)
        return not seat.users and self.get(seat.card) is not seat

    def get(self, card: ModelCard) -> Seat | None:
        return self._seats.get(card.revision)

    def __contains__(self, revision: str) -> bool:
        return revision in self._seats

    def remove(self, seat: Seat) -> None:
        """Whoever uses it goes on; a seat that took its place stays."""
        if self._seats.get(seat.card.revision) is seat:
            del self._seats[seat.card.revision]

    def pop(self, keys: Iterable[str]) -> list[Seat]:
        return [self._seats.pop(key) for key in keys]

    def clear(self) -> list[Seat]:
        found = list(self._seats.values())
        self._seats.clear()
        return found

    def unneeded(self, kept: Collection[str]) -> list[str]:
        """Keys of those that are neither in `kept` nor used or claimed."""
        return [
            key
            for key, seat in self._seats.items()
            if key not in kept and not seat.users and not self._claims[key]
        ]

    def claim(self, cards: Iterable[ModelCard]) -> None:
        for card in cards:
            self._claims[card.revision] += 1

    def unclaim(self, cards: Iterable[ModelCard]) -> None:
        for card in cards:
            self._claims[card.revision] -= 1
            if not self._claims[card.revision]:
                # Or every revision there ever was would stay.
                del self._claims[card.revision]

    @property
    def size(self) -> int:
        """Bytes, those set apart for models that load included."""
        return sum(seat.size for seat in self._seats.values())

    @property
    def loaded(self) -> list[Seat]:
        """Least recently used first."""
        found = (seat for seat in self._seats.values() if seat.backend is not None)
        return sorted(found, key=lambda seat: seat.used)

    def residents(self, now: float) -> list[Resident]:
        return [
            Resident(
                key,
                seat.size,
                now - seat.used,
                seat.reload,
                loaded=seat.backend is not None,
                busy=bool(seat.users),
                claimed=bool(self._claims[key]),
                pinned=seat.card.id in self._pinned,
            )
            for key, seat in self._seats.items()
        ]


def close(seats: Iterable[Seat]) -> None:
    """Not under a lock: it may take its time."""
    for seat in seats:
        if seat.backend is not None:
            seat.backend.close()

"""Room: a pool's memory, and what leaves it so that another model can be loaded."""

import threading
import time
from collections.abc import Callable

from models.residency import leaving, worth_waiting
from models.seats import Seat, Seats, close


class Room:
    """`changed` is the lock that `seats` are under, notified whenever one of them changes."""

    def __init__(
        self,
        seats: Seats,
        changed: threading.Condition,
        clock: Callable[[], float],
        *,
        budget: int,
        patience: float,
    ) -> None:
        """`budget` in bytes; `patience` in seconds, for which `make` waits."""
        self._seats = seats
        self._changed = changed
        self._clock = clock
        self._budget = budget
        self._patience = patience
        self.evictions = 0

    @property
    def free(self) -> int:
        """Bytes; less than 0 while the budget is exceeded. To be asked under the lock."""
        return self._budget - self._seats.size

    def make(self, seat: Seat, size: int) -> None:
        """Sets `size` bytes apart for the seat's model, once others have left that memory, or the patience is over."""
        deadline = time.monotonic() + self._patience
        settled = False
        while not settled:
            left = deadline - time.monotonic()
            with self._changed:
                gone = self._evicted(size, claimed=False)
                if left <= 0:
                    gone += self._evicted(size, claimed=True)
                settled = left <= 0 or self.free >= size or not self._worth_waiting()
                if settled:
                    seat.size = size
                elif not gone:
                    self._changed.wait(left)
            close(gone)

    def trim(self) -> None:
        """Idle models leave until the budget is kept again: a model may take more than was set apart for it."""
        with self._changed:
            gone = self._evicted(0, claimed=False)
        close(gone)

    def _evicted(self, size: int, *, claimed: bool) -> list[Seat]:
        """Seats taken out for `size` more bytes; to be called under the lock, and closed without it."""
        keys = leaving(self._seats.residents(self._clock()), surplus=size - self.free, claimed=claimed)
        self.evictions += len(keys)
        return self._seats.pop(keys)

    def _worth_waiting(self) -> bool:
        return worth_waiting(self._seats.residents(self._clock()))

"""Loaded models: loaded once, shared, evicted within a memory budget, set aside when they fail."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from models.card import ModelCard
from models.contracts import Backend, ModelError, ModelUnavailable
from models.fault import place
from models.quarantine import Quarantine
from models.residency import Resident, leaving

log = logging.getLogger("dragoman.models")

Loader = Callable[[ModelCard], Backend]
Clock = Callable[[], float]


@dataclass(slots=True)
class _Seat:
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


@dataclass(frozen=True, slots=True)
class Stock:
    """How the pool stands."""

    resident: int
    size: int
    """Bytes, those set apart for models that load included."""
    loads: int
    failures: int
    """Loads that failed."""
    evictions: int
    quarantined: int


class ModelPool:
    """Thread-safe. Models in use are never evicted, pinned ones neither: while they take more than the budget, it is
    exceeded.
    """

    def __init__(
        self,
        loader: Loader,
        *,
        memory_budget: int,
        expected: Callable[[ModelCard], int] = lambda card: 0,  # noqa: ARG005
        pinned: frozenset[str] = frozenset(),
        patience: float = 0.0,
        retry: float = 0.0,
        clock: Clock = time.monotonic,
    ) -> None:
        """`expected`: bytes that a model will take, so that room is made before it loads. `pinned`: ids of models that
        stay. `patience`: seconds for which a load waits for room before it takes a model that requests still wait
        for, and the budget is exceeded if there is none. `retry`: seconds a model is set aside for that failed.
        """
        self._loader = loader
        self._budget = memory_budget
        self.expected = expected
        self._pinned = pinned
        self._patience = patience
        self._clock = clock
        self._quarantine = Quarantine(retry, clock)
        self._changed = threading.Condition()
        self._seats: dict[str, _Seat] = {}
        self._claims: dict[str, int] = {}
        self._loads = self._failures = self._evictions = 0
        self._closed = False

    @contextmanager
    def use(self, card: ModelCard) -> Iterator[Backend]:
        """The model of `card`, loaded now if it is not; blocks for the load.

        Raises Quarantined, or the ModelError of a load that failed.
        """
        seat = self._sit(card)
        try:
            yield self._loaded(seat)
        finally:
            self._leave(seat)

    @contextmanager
    def use_loaded(self, card: ModelCard) -> Iterator[Backend | None]:
        """The model if it is in memory now, else None; never waits for a load."""
        with self._changed:
            seat = self._seats.get(card.revision)
            backend = seat.backend if seat is not None else None
            if seat is None or backend is None:
                seat = None
            else:
                seat.users += 1
        try:
            yield backend
        finally:
            if seat is not None:
                self._leave(seat)

    @contextmanager
    def claim(self, cards: Sequence[ModelCard]) -> Iterator[None]:
        """Says that these models will be needed: what nobody waits for leaves before them, and a revision that was
        replaced stays until then.
        """
        with self._changed:
            for card in cards:
                self._claims[card.revision] = self._claims.get(card.revision, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                for card in cards:
                    self._claims[card.revision] -= 1
                    if not self._claims[card.revision]:
                        del self._claims[card.revision]
                self._changed.notify_all()

    def discard(self, card: ModelCard, backend: Backend | None) -> None:
        """Forgets `backend`, which hangs (None: while it was loaded), without waiting for it.

        The model's next user loads it anew. A backend that was replaced in the meantime is left alone.
        """
        with self._changed:
            seat = self._seats.get(card.revision)
            if seat is not None and seat.backend is backend:
                del self._seats[card.revision]
                self._changed.notify_all()

    def set_aside(self, card: ModelCard, reason: str) -> None:
        """The model loads but does not work: nobody uses it for a while, then it is loaded anew."""
        log.error("Model %s is set aside: %s", card.id, reason)
        self._quarantine.add(card.revision, card.id, reason)
        with self._changed:
            seat = self._seats.pop(card.revision, None)
            self._changed.notify_all()
        if seat is not None and seat.backend is not None and not seat.users:
            seat.backend.close()

    def keep(self, cards: Sequence[ModelCard]) -> None:
        """Closes the models of all other cards that nobody uses or claims; for those, call it again later."""
        kept = frozenset(card.revision for card in cards)
        self._quarantine.keep(kept)
        with self._changed:
            gone = [
                self._seats.pop(key)
                for key, seat in list(self._seats.items())
                if key not in kept and not seat.users and key not in self._claims
            ]
            self._changed.notify_all()
        _close(gone)

    @property
    def resident(self) -> tuple[str, ...]:
        """Ids of the models in memory, least recently used first."""
        with self._changed:
            seats = sorted(self._seats.values(), key=lambda seat: seat.used)
            return tuple(seat.card.id for seat in seats if seat.backend is not None)

    @property
    def quarantined(self) -> dict[str, str]:
        """Why, by model id."""
        return self._quarantine.reasons

    def due(self, cards: Sequence[ModelCard]) -> tuple[ModelCard, ...]:
        """Those that failed and may be tried again, as far as there is room: for a try no model has to leave."""
        keys = self._quarantine.due
        if not keys:
            return ()
        with self._changed:
            room = self._budget - self._size()
        return tuple(card for card in cards if card.revision in keys and self.expected(card) <= room)

    @property
    def stock(self) -> Stock:
        with self._changed:
            seats = self._seats.values()
            return Stock(
                sum(seat.backend is not None for seat in seats),
                sum(seat.size for seat in seats),
                self._loads,
                self._failures,
                self._evictions,
                len(self._quarantine.reasons),
            )

    def close(self) -> None:
        with self._changed:
            self._closed = True
            seats = list(self._seats.values())
            self._seats.clear()
            self._changed.notify_all()
        # One still in use hangs: closing it would wait for it.
        _close([seat for seat in seats if not seat.users])

    def _sit(self, card: ModelCard) -> _Seat:
        self._quarantine.check(card.revision)
        with self._changed:
            if self._closed:
                raise ModelError("The model pool is closed.")
            seat = self._seats.setdefault(card.revision, _Seat(card, self._clock()))
            seat.users += 1
            return seat

    def _leave(self, seat: _Seat) -> None:
        with self._changed:
            seat.users -= 1
            seat.used = self._clock()
            key = seat.card.revision
            if not seat.users and seat.backend is None and self._seats.get(key) is seat:
                del self._seats[key]
            self._changed.notify_all()

    def _loaded(self, seat: _Seat) -> Backend:
        with seat.loading:
            if seat.backend is None:
                self._quarantine.check(seat.card.revision)
                return self._load(seat)
            return seat.backend

    def _load(self, seat: _Seat) -> Backend:
        card = seat.card
        self._make_room(seat, self.expected(card))
        started = self._clock()
        try:
            backend = self._loader(card)
        except Exception as error:
            with self._changed:
                seat.size = 0
                self._failures += 1
                self._changed.notify_all()
            self._fail(card, error)
            raise
        self._admit(seat, backend, seconds=self._clock() - started)
        self._quarantine.lift(card.revision)
        with self._changed:
            leavers = self._evict(0, claimed=False)
        _close(leavers)
        return backend

    def _fail(self, card: ModelCard, error: Exception) -> None:
        """Records the reason. Raises ModelUnavailable for what is no ModelError."""
        reason = (
            str(error)
            if isinstance(error, ModelError)
            else f"Model {card.id} cannot be loaded: {place(error)}."
        )
        self._quarantine.add(card.revision, card.id, reason)
        log.error("%s", reason)
        if not isinstance(error, ModelError):
            raise ModelUnavailable(reason) from error

    def _admit(self, seat: _Seat, backend: Backend, *, seconds: float) -> None:
        with self._changed:
            if not self._closed:
                seat.backend, seat.size, seat.reload = backend, backend.footprint, seconds
                seat.used = self._clock()
                self._loads += 1
                return
        backend.close()
        raise ModelError("The model pool is closed.")

    def _make_room(self, seat: _Seat, size: int) -> None:
        """Sets `size` bytes apart for the seat's model, once others have left that memory, or the patience is over."""
        deadline = time.monotonic() + self._patience
        settled = False
        while not settled:
            left = deadline - time.monotonic()
            with self._changed:
                leavers = self._evict(size, claimed=False)
                if left <= 0:
                    leavers += self._evict(size, claimed=True)
                settled = left <= 0 or self._size() + size <= self._budget or not self._may_leave()
                if settled:
                    seat.size = size
                elif not leavers:
                    self._changed.wait(left)
            _close(leavers)

    def _evict(self, size: int, *, claimed: bool) -> list[_Seat]:
        """Takes idle models out for `size` more bytes to fit the budget; with `claimed` those that are waited for too.

        To be called under the lock; the caller closes them without it.
        """
        now = self._clock()
        idle = [
            Resident(key, seat.size, now - seat.used, seat.reload)
            for key, seat in self._seats.items()
            if seat.backend is not None
            and not seat.users
            and seat.card.id not in self._pinned
            and (claimed or key not in self._claims)
        ]
        gone = leaving(idle, surplus=self._size() + size - self._budget)
        self._evictions += len(gone)
        return [self._seats.pop(key) for key in gone]

    def _size(self) -> int:
        return sum(seat.size for seat in self._seats.values())

    def _may_leave(self) -> bool:
        """Whether to wait for room is of use."""
        return not self._closed and any(
            seat.size and (seat.users or key in self._claims) and seat.card.id not in self._pinned
            for key, seat in self._seats.items()
        )


def _close(seats: Sequence[_Seat]) -> None:
    for seat in seats:
        if seat.backend is not None:
            seat.backend.close()

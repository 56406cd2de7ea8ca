"""Loaded models: loaded once, shared, evicted within a memory budget, set aside when they fail.

The pool loads and closes. Under its one lock seats.py knows who is there and room.py makes room, for which
residency.py says who leaves.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from models.card import ModelCard
from models.contracts import Backend, ModelError, ModelUnavailable
from models.fault import place
from models.quarantine import Quarantine
from models.room import Room
from models.seats import Seat, Seats, close

log = logging.getLogger("dragoman.models")

Loader = Callable[[ModelCard], Backend]
Clock = Callable[[], float]


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
        self.expected = expected
        self._clock = clock
        self._quarantine = Quarantine(retry, clock)
        self._changed = threading.Condition()
        self._seats = Seats(pinned)
        self._room = Room(self._seats, self._changed, clock, budget=memory_budget, patience=patience)
        self._computed: dict[str, str] = {}
        self._loads = self._failures = 0
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
            seat = self._seats.get(card)
            if seat is None or (backend := seat.backend) is None:
                seat = backend = None
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
            self._seats.claim(cards)
        try:
            yield
        finally:
            with self._changed:
                self._seats.unclaim(cards)
                self._changed.notify_all()

    def discard(self, card: ModelCard, backend: Backend | None) -> None:
        """Forgets `backend`, which hangs (None: while it was loaded), without waiting for it.

        The model's next user loads it anew. A backend that was replaced in the meantime is left alone.
        """
        with self._changed:
            seat = self._seats.get(card)
            if seat is not None and seat.backend is backend:
                self._seats.remove(seat)
                self._changed.notify_all()

    def set_aside(self, card: ModelCard, reason: str) -> None:
        """The model loads but does not work: nobody uses it for a while, then it is loaded anew."""
        log.error("Model %s is set aside: %s", card.id, reason)
        self._quarantine.add(card.revision, card.id, reason)
        with self._changed:
            seat = self._seats.get(card)
            if seat is not None:
                self._seats.remove(seat)
                self._changed.notify_all()
        if seat is not None and not seat.users:
            close([seat])

    def keep(self, cards: Sequence[ModelCard]) -> None:
        """Closes the models of all other cards that nobody uses or claims; for those, call it again later."""
        kept = frozenset(card.revision for card in cards)
        self._quarantine.keep(kept)
        with self._changed:
            gone = self._seats.pop(self._seats.unneeded(kept))
            self._computed = {
                revision: kind
                for revision, kind in self._computed.items()
                if revision in kept or revision in self._seats
            }
            self._changed.notify_all()
        close(gone)

    @property
    def resident(self) -> tuple[str, ...]:
        """Ids of the models in memory, least recently used first."""
        with self._changed:
            return tuple(seat.card.id for seat in self._seats.loaded)

    def compute_type(self, card: ModelCard) -> str | None:
        """In which this process computes it, or did before it was evicted; None if it was never loaded, or was replaced
        by a newer revision and left.
        """
        with self._changed:
            return self._computed.get(card.revision)

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
            room = self._room.free
        return tuple(card for card in cards if card.revision in keys and self.expected(card) <= room)

    @property
    def stock(self) -> Stock:
        aside = len(self._quarantine.reasons)
        with self._changed:
            seats = self._seats
            return Stock(
                len(seats.loaded),
                seats.size,
                self._loads,
                self._failures,
                self._room.evictions,
                quarantined=aside,
            )

    def close(self) -> None:
        with self._changed:
            self._closed = True
            seats = self._seats.clear()
            self._changed.notify_all()
        # One still in use hangs: closing it would wait for it.
        close(seat for seat in seats if not seat.users)

    def _sit(self, card: ModelCard) -> Seat:
        self._quarantine.check(card.revision)
        with self._changed:
            if self._closed:
                raise ModelError("The model pool is closed.")
            return self._seats.sit(card, self._clock())

    def _leave(self, seat: Seat) -> None:
        with self._changed:
            gone = self._seats.leave(seat, self._clock())
            self._changed.notify_all()
        if gone:
            close([seat])

    def _loaded(self, seat: Seat) -> Backend:
        with seat.loading:
            if seat.backend is None:
                self._quarantine.check(seat.card.revision)
                return self._load(seat)
            return seat.backend

    def _load(self, seat: Seat) -> Backend:
        card = seat.card
        self._room.make(seat, self.expected(card))
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
        self._room.trim()
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

    def _admit(self, seat: Seat, backend: Backend, *, seconds: float) -> None:
        with self._changed:
            if not self._closed:
                seat.backend, seat.size, seat.reload = backend, backend.footprint, seconds
                seat.used = self._clock()
                self._computed[seat.card.revision] = backend.compute_type
                self._loads += 1
                return
        backend.close()
        raise ModelError("The model pool is closed.")

"""Loaded models: loaded once, shared, evicted within a memory budget."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from models.card import ModelCard
from models.contracts import Backend, ModelError

Loader = Callable[[ModelCard], Backend]


@dataclass(slots=True)
class _Seat:
    """A model's place in the pool. `users` guards it against eviction; `loading` lets others wait for it."""

    loading: threading.Lock = field(default_factory=threading.Lock)
    backend: Backend | None = None
    users: int = 0


class ModelPool:
    """Thread-safe. Models in use are never evicted, so the budget may be exceeded while they are busy."""

    def __init__(self, loader: Loader, *, memory_budget: int) -> None:
        self._loader = loader
        self._budget = memory_budget
        self._lock = threading.Lock()
        self._seats: OrderedDict[str, _Seat] = OrderedDict()
        self._closed = False

    @contextmanager
    def use(self, card: ModelCard) -> Iterator[Backend]:
        """The model of `card`, loaded now if it is not; blocks for the load.

        Raises the loader's ModelError; a failed load is tried again by the next user.
        """
        seat = self._sit(card.id)
        try:
            yield self._loaded(seat, card)
        finally:
            with self._lock:
                seat.users -= 1

    @contextmanager
    def use_loaded(self, card: ModelCard) -> Iterator[Backend | None]:
        """The model if it is in memory now, else None; never waits for a load."""
        with self._lock:
            seat = self._seats.get(card.id)
            backend = seat.backend if seat is not None else None
            if seat is None or backend is None:
                seat = None
            else:
                seat.users += 1
                self._seats.move_to_end(card.id)
        try:
            yield backend
        finally:
            if seat is not None:
                with self._lock:
                    seat.users -= 1

    def discard(self, card: ModelCard, backend: Backend | None) -> None:
        """Forgets `backend`, which hangs (None: while it was loaded), without waiting for it.

        The model's next user loads it anew. A backend that was replaced in the meantime is left alone.
        """
        with self._lock:
            seat = self._seats.get(card.id)
            if seat is not None and seat.backend is backend:
                del self._seats[card.id]

    @property
    def resident(self) -> tuple[str, ...]:
        """Ids of the models in memory, least recently used first."""
        with self._lock:
            return tuple(key for key, seat in self._seats.items() if seat.backend is not None)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            seats = list(self._seats.values())
            self._seats.clear()
        for seat in seats:
            # One still in use hangs: closing it would wait for it.
            if seat.backend is not None and not seat.users:
                seat.backend.close()

    def _sit(self, key: str) -> _Seat:
        with self._lock:
            if self._closed:
                raise ModelError("The model pool is closed.")
            seat = self._seats.setdefault(key, _Seat())
            seat.users += 1
            self._seats.move_to_end(key)
            return seat

    def _loaded(self, seat: _Seat, card: ModelCard) -> Backend:
        with seat.loading:
            if seat.backend is None:
                backend = self._loader(card)
                self._admit(seat, backend)
                self._evict()
                return backend
            return seat.backend

    def _admit(self, seat: _Seat, backend: Backend) -> None:
        with self._lock:
            if not self._closed:
                seat.backend = backend
                return
        backend.close()
        raise ModelError("The model pool is closed.")

    def _evict(self) -> None:
        for backend in self._surplus():
            backend.close()

    def _surplus(self) -> list[Backend]:
        """Takes idle models out, least recently used first, until the rest fit the budget."""
        leaving: list[Backend] = []
        with self._lock:
            loaded = {key: seat.backend for key, seat in self._seats.items() if seat.backend is not None}
            size = sum(backend.footprint for backend in loaded.values())
            for key, backend in loaded.items():
                if size <= self._budget:
                    break
                if self._seats[key].users:
                    continue
                del self._seats[key]
                size -= backend.footprint
                leaving.append(backend)
        return leaving

"""A shelf of models that weigh nothing but what is said of them, and a clock for the pool that keeps them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.card import ModelCard
from models.contracts import Backend, LanguagePair, ModelUnavailable
from models.pool import ModelPool
from models.reverse import ReverseBackend


class Weighty(ReverseBackend):
    def __init__(self, footprint: int) -> None:
        self.footprint = footprint
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Shelf:
    """A loader that keeps count, and fails as often as it is told."""

    def __init__(self, footprint: int = 10) -> None:
        self.footprint = footprint
        self.loaded: list[tuple[str, Weighty]] = []
        self.failures = 0

    def __call__(self, card: ModelCard) -> Backend:
        if self.failures:
            self.failures -= 1
            raise ModelUnavailable(f"Model {card.id} cannot be loaded.")
        backend = Weighty(self.footprint)
        self.loaded.append((card.id, backend))
        return backend

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.loaded]

    @property
    def closed(self) -> list[str]:
        return [name for name, backend in self.loaded if backend.closed]


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def card(name: str) -> ModelCard:
    return ModelCard(name, Path(name), (LanguagePair("en", "pt"),))


def touch(pool: ModelPool, *names: str) -> None:
    for name in names:
        with pool.use(card(name)):
            pass


def in_threads(count: int, work: Callable[[int], object]) -> Sequence[object]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(work, range(count)))

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.card import ModelCard
from models.contracts import Backend, LanguagePair, ModelError, ModelUnavailable, Quarantined
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


def card(name: str) -> ModelCard:
    return ModelCard(name, Path(name), (LanguagePair("en", "pt"),))


def touch(pool: ModelPool, *names: str) -> None:
    for name in names:
        with pool.use(card(name)):
            pass


def in_threads(count: int, work: Callable[[int], object]) -> Sequence[object]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(work, range(count)))


def test_a_model_is_loaded_once_however_many_ask_at_once() -> None:
    shelf = Shelf()
    pool = ModelPool(shelf, memory_budget=100)
    start = threading.Barrier(8)

    def use(_: int) -> Backend:
        start.wait(timeout=10)
        with pool.use(card("a")) as backend:
            return backend

    backends = in_threads(8, use)

    assert shelf.names == ["a"]
    assert set(backends) == {shelf.loaded[0][1]}


def test_another_model_loads_while_one_is_loading() -> None:
    slow, quick = threading.Event(), threading.Event()

    def loader(wanted: ModelCard) -> Backend:
        if wanted.id == "slow":
            slow.set()
            assert quick.wait(timeout=10)
        return ReverseBackend()

    pool = ModelPool(loader, memory_budget=100)

    def use(index: int) -> None:
        if index == 0:
            touch(pool, "slow")
            return
        assert slow.wait(timeout=10)
        touch(pool, "quick")
        quick.set()

    in_threads(2, use)

    assert set(pool.resident) == {"slow", "quick"}


def test_the_least_recently_used_model_leaves_first() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=30)

    touch(pool, "a", "b", "c", "a", "d")

    assert pool.resident == ("c", "a", "d")
    assert shelf.closed == ["b"]
    touch(pool, "b")
    assert shelf.names == ["a", "b", "c", "d", "b"]
    assert pool.resident == ("a", "d", "b")


def test_as_many_leave_as_are_needed() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=30)
    touch(pool, "a", "b", "c")

    shelf.footprint = 25
    touch(pool, "large")

    assert pool.resident == ("large",)
    assert shelf.closed == ["a", "b", "c"]


def test_a_model_in_use_never_leaves_though_the_budget_is_exceeded() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=10)

    with pool.use(card("a")), pool.use(card("b")):
        assert shelf.closed == []
        assert len(pool.resident) == 2
    touch(pool, "c")

    assert shelf.closed == ["a", "b"]
    assert set(pool.resident) == {"c"}


def test_a_model_larger_than_the_budget_is_served_all_the_same() -> None:
    shelf = Shelf(footprint=1000)
    pool = ModelPool(shelf, memory_budget=10)

    touch(pool, "a", "a")

    assert shelf.names == ["a"]
    assert pool.resident == ("a",)


def test_a_failed_load_is_tried_again_by_the_next() -> None:
    shelf = Shelf()
    shelf.failures = 1
    pool = ModelPool(shelf, memory_budget=10)

    with pytest.raises(ModelUnavailable, match="Model a"), pool.use(card("a")):
        pass
    assert not pool.resident
    touch(pool, "a")

    assert shelf.names == ["a"]


def test_a_failure_while_using_it_leaves_the_model_idle() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=10)

    with pytest.raises(KeyError), pool.use(card("a")):
        raise KeyError
    touch(pool, "b")

    assert shelf.closed == ["a"]


def test_closing_closes_every_model_and_refuses_more() -> None:
    shelf = Shelf()
    pool = ModelPool(shelf, memory_budget=100)
    touch(pool, "a", "b")

    pool.close()

    assert shelf.closed == ["a", "b"]
    assert not pool.resident
    with pytest.raises(ModelError, match="closed"):
        touch(pool, "a")
    pool.close()
    assert [backend.closed for _, backend in shelf.loaded] == [1, 1]


def test_a_model_that_arrives_after_closing_is_closed_at_once() -> None:
    loading, closed = threading.Event(), threading.Event()
    late = Weighty(10)

    def loader(_: ModelCard) -> Backend:
        loading.set()
        assert closed.wait(timeout=10)
        return late

    pool = ModelPool(loader, memory_budget=100)

    def use(index: int) -> None:
        if index == 0:
            with pytest.raises(ModelError, match="closed"):
                touch(pool, "a")
            return
        assert loading.wait(timeout=10)
        pool.close()
        closed.set()

    in_threads(2, use)

    assert late.closed == 1


def test_what_is_known_of_a_revision_goes_with_it_and_not_with_its_eviction() -> None:
    pool = ModelPool(Shelf(), memory_budget=10)
    first, second = card("a"), card("b")
    for each in (first, second):
        with pool.use(each) as backend:
            assert pool.compute_type(each) == backend.compute_type
    assert pool.resident == ("b",)
    pool.keep([first, second])
    assert pool.compute_type(first) is not None, "evicted, and in the catalogue still"

    with pool.use(second):
        pool.keep([])
        assert pool.compute_type(first) is None
        assert pool.compute_type(second) is not None, "somebody uses it"
    pool.keep([])
    assert pool.compute_type(second) is None


def test_many_threads_and_little_room_never_meet_a_closed_model() -> None:
    pool = ModelPool(Shelf(footprint=10), memory_budget=20)
    start = threading.Barrier(8)

    def use(index: int) -> None:
        start.wait(timeout=10)
        for turn in range(50):
            with pool.use(card("abcde"[(index * 7 + turn * 3) % 5])) as backend:
                assert isinstance(backend, Weighty)
                assert not backend.closed

    in_threads(8, use)
    touch(pool, "z")

    assert len(pool.resident) == 2


def test_a_model_can_be_used_only_if_it_is_loaded_and_is_then_kept() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=10)

    with pool.use_loaded(card("a")) as absent:
        assert absent is None
    assert shelf.names == []
    touch(pool, "a")
    with pool.use_loaded(card("a")) as present:
        touch(pool, "b")
        assert present is shelf.loaded[0][1]
        assert "a" not in shelf.closed
    touch(pool, "c")

    assert "a" in shelf.closed


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_of_two_idle_models_the_one_that_is_dear_to_load_stays() -> None:
    clock = Clock()

    def loader(wanted: ModelCard) -> Backend:
        clock.now += 20.0 if wanted.id == "dear" else 1.0
        return Weighty(10)

    pool = ModelPool(loader, memory_budget=20, clock=clock)
    touch(pool, "dear")
    clock.now += 10
    touch(pool, "cheap")
    clock.now += 10

    touch(pool, "third")

    assert pool.resident == ("dear", "third")
    clock.now += 1_000
    touch(pool, "cheap")
    assert "dear" in pool.resident
    clock.now += 100_000
    touch(pool, "third")
    touch(pool, "fourth")
    assert "dear" not in pool.resident, "idle for long enough, what is dear leaves too"


def test_a_pinned_model_never_leaves() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=20, pinned=frozenset({"a"}))

    touch(pool, "a", "b", "c", "d")

    assert shelf.closed == ["b", "c"]
    assert set(pool.resident) == {"a", "d"}


def test_room_is_made_before_a_model_is_loaded() -> None:
    sizes: list[int] = []

    def loader(wanted: ModelCard) -> Backend:
        sizes.append(pool.stock.size)
        return Weighty(10)

    pool = ModelPool(loader, memory_budget=30, expected=lambda _: 10)
    touch(pool, *"abcdefg")

    assert max(sizes) == 30
    assert pool.stock.evictions == 4


def test_a_load_waits_for_room_until_a_model_is_free() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=10, expected=lambda _: 10, patience=30)
    held, waiting = threading.Event(), threading.Event()

    def use(index: int) -> int:
        if index == 0:
            with pool.use(card("a")):
                held.set()
                assert waiting.wait(timeout=10)
            return 0
        assert held.wait(timeout=10)
        waiting.set()
        with pool.use(card("b")):
            return pool.stock.size

    assert in_threads(2, use)[1] == 10
    assert shelf.closed == ["a"]


def test_a_model_that_requests_wait_for_leaves_last_and_only_after_the_patience() -> None:
    shelf = Shelf(footprint=10)
    pool = ModelPool(shelf, memory_budget=20, expected=lambda _: 10)
    touch(pool, "a", "b")

    with pool.claim([card("a")]):
        touch(pool, "c")
        assert set(shelf.closed) == {"b"}
        with pool.claim([card("c")]):
            touch(pool, "d")
    assert set(shelf.closed) == {"a", "b"}


def test_a_failed_model_is_set_aside_for_longer_each_time() -> None:
    clock, shelf = Clock(), Shelf()
    shelf.failures = 3
    pool = ModelPool(shelf, memory_budget=10, retry=30, clock=clock)

    def refused() -> Exception:
        with pytest.raises(ModelUnavailable) as raised:
            touch(pool, "a")
        return raised.value

    assert not isinstance(refused(), Quarantined)
    again = refused()
    assert isinstance(again, Quarantined)
    assert again.retry_after == 30
    assert "Model a cannot be loaded" in str(again)
    assert pool.quarantined == {"a": "Model a cannot be loaded."}
    clock.now += 30
    assert not isinstance(refused(), Quarantined)
    clock.now += 59
    assert isinstance(refused(), Quarantined)
    clock.now += 1
    assert not isinstance(refused(), Quarantined)
    touch(pool, "b")
    clock.now += 120

    touch(pool, "a")

    assert not pool.quarantined
    assert shelf.names == ["b", "a"]


def test_a_load_that_fails_for_all_who_wait_is_tried_once() -> None:
    tries: list[str] = []
    started = threading.Barrier(4)

    def loader(wanted: ModelCard) -> Backend:
        tries.append(wanted.id)
        raise KeyError("a defect of the loader")

    pool = ModelPool(loader, memory_budget=10, retry=60)

    def use(_: int) -> None:
        started.wait(timeout=10)
        with pytest.raises(ModelUnavailable, match="Model a"):
            touch(pool, "a")

    in_threads(4, use)

    assert tries == ["a"]
    assert pool.stock.size == 0


def test_what_is_set_aside_is_closed_and_loaded_anew_later() -> None:
    clock, shelf = Clock(), Shelf()
    pool = ModelPool(shelf, memory_budget=100, retry=30, clock=clock)
    touch(pool, "a")

    pool.set_aside(card("a"), "It translates nothing any more.")

    assert shelf.closed == ["a"]
    with pytest.raises(Quarantined, match="nothing any more"):
        touch(pool, "a")
    clock.now += 30
    touch(pool, "a")
    assert shelf.names == ["a", "a"]


def test_what_is_set_aside_while_in_use_is_closed_by_its_last_user() -> None:
    shelf = Shelf()
    pool = ModelPool(shelf, memory_budget=100, retry=30)

    with pool.use(card("a")), pool.use_loaded(card("a")):
        pool.set_aside(card("a"), "It translates nothing any more.")
        assert shelf.closed == []

    assert [backend.closed for _, backend in shelf.loaded] == [1]
    assert pool.stock.size == 0


def revision(name: str, stamp: str) -> ModelCard:
    return ModelCard(name, Path(name), (LanguagePair("en", "pt"),), stamp=stamp)


def test_two_revisions_of_a_model_are_two_models() -> None:
    shelf = Shelf()
    pool = ModelPool(shelf, memory_budget=100)
    old, new = revision("a", "1"), revision("a", "2")

    with pool.use(old) as first, pool.use(new) as second:
        assert first is not second
        pool.keep([new])
        assert shelf.closed == [], "somebody uses it"
    with pool.claim([old]):
        pool.keep([new])
        assert shelf.closed == [], "somebody will"
    pool.keep([new])

    assert [backend.closed for _, backend in shelf.loaded] == [1, 0]
    assert pool.resident == ("a",)

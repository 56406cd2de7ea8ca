"""Who leaves when a model needs room, and who stays."""

import threading

from models.card import ModelCard
from models.contracts import Backend
from models.pool import ModelPool
from tests.models.shelf import Clock, Shelf, Weighty, card, in_threads, touch


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

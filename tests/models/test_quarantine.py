"""Models that do not load or do not work are set aside for a while."""

import threading

import pytest

from models.card import ModelCard
from models.contracts import Backend, ModelUnavailable, Quarantined
from models.pool import ModelPool
from tests.models.shelf import Clock, Shelf, card, in_threads, touch


def test_a_failed_load_is_tried_again_by_the_next() -> None:
    shelf = Shelf()
    shelf.failures = 1
    pool = ModelPool(shelf, memory_budget=10)

    with pytest.raises(ModelUnavailable, match="Model a"), pool.use(card("a")):
        pass
    assert not pool.resident
    touch(pool, "a")

    assert shelf.names == ["a"]


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

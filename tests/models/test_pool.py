import threading
from pathlib import Path

import pytest

from models.card import ModelCard
from models.contracts import Backend, LanguagePair, ModelError
from models.pool import ModelPool
from models.reverse import ReverseBackend
from tests.models.shelf import Shelf, Weighty, card, in_threads, touch


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

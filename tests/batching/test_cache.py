from hypothesis import given
from hypothesis import strategies as st

from batching.cache import SegmentCache
from batching.work import Outcome

DONE = Outcome("feito", source_tokens=1, target_tokens=2, compute_ns=7, queue_ns=8)


def test_what_was_kept_comes_back_as_work_already_done() -> None:
    cache = SegmentCache(10_000)

    cache.put(cache.place("ann", "m", "a b"), DONE)

    assert cache.get(cache.place("ann", "m", "a b")) == Outcome(
        "feito", source_tokens=1, target_tokens=2, cached=True
    )


def test_tenant_model_text_and_links_each_make_another_place() -> None:
    cache = SegmentCache(10_000)
    cache.put(cache.place("ann", "m", "a b"), DONE)

    assert cache.get(cache.place("bob", "m", "a b")) is None
    assert cache.get(cache.place("ann", "n", "a b")) is None
    assert cache.get(cache.place("ann", "m", "ab")) is None
    assert cache.get(cache.place("ann", "m", "b a")) is None
    assert cache.get(cache.place("ann", "m", "a b", linked=True)) is None


def test_failures_and_what_is_larger_than_the_cache_are_not_kept() -> None:
    cache = SegmentCache(1_000)
    cache.put(cache.place("ann", "m", "a"), Outcome(None))
    cache.put(cache.place("ann", "m", "b"), Outcome("x" * 1_000))

    nothing = SegmentCache(0)
    nothing.put(nothing.place("ann", "m", "a"), DONE)

    assert len(cache) == len(nothing) == cache.size == nothing.size == 0


def test_the_least_recently_used_leaves_first() -> None:
    cache = SegmentCache(1_500)
    cache.put(cache.place("ann", "m", "a"), DONE)
    cache.put(cache.place("ann", "m", "b"), DONE)
    cache.get(cache.place("ann", "m", "a"))

    cache.put(cache.place("ann", "m", "c"), DONE)

    assert [word for word in "abc" if cache.get(cache.place("ann", "m", word))] == ["a", "c"]


@given(st.lists(st.tuples(st.text(max_size=2), st.text(max_size=400)), max_size=60), st.integers(0, 3_000))
def test_it_never_grows_over_its_limit_nor_answers_wrongly(
    entries: list[tuple[str, str]], limit: int
) -> None:
    cache = SegmentCache(limit)
    first: dict[str, str] = {}
    for source, text in entries:
        held = cache.get(cache.place("ann", "m", source))
        if held is None:
            first[source] = text
        else:
            assert held.text == first[source]
        cache.put(cache.place("ann", "m", source), Outcome(text))
        assert cache.size <= limit
    assert bool(len(cache)) == bool(cache.size)

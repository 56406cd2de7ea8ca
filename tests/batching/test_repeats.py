"""Equal segments, at once and one after the other."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batching.work import Outcome, Priority
from models.contracts import Decoding, LanguagePair, ModelUnavailable, TokenizedSegment
from models.route import Hop, Route
from tests.batching.asking import BULK, occupied, submit, texts
from tests.batching.fakes import POISON, Controlled, house


class Aiming(Controlled):
    """Has several targets, each with a token of its own, and remembers what it tokenised."""

    def __init__(self) -> None:
        super().__init__()
        self.tokenised: list[str] = []

    def tokenize(
        self, texts: Sequence[str], pair: LanguagePair, *, placed: Collection[int] = ()
    ) -> list[TokenizedSegment]:
        self.tokenised += texts
        aimed = [f"{pair.target} {text}" for text in texts]
        return super().tokenize(aimed, pair, placed=placed)


async def test_equal_segments_of_one_tenant_are_translated_once() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        one = submit(at, ["same", "other", "same"])
        await at.recorder.until(lambda each: each.waiting == 9)
        two = submit(at, ["same"])
        await at.recorder.until(lambda each: each.coalesced_segments == 2)
        backend.release()
        await backend.started()
        three = submit(at, ["same"])
        await at.recorder.until(lambda each: each.coalesced_segments == 3)
        backend.open()

        outcomes = [*await one, *await two, *await three]

        assert texts(outcomes) == ["emas", "rehto", "emas", "emas", "emas"]
        assert [each.cached for each in outcomes] == [False, False, True, True, True]
        assert backend.seen.count("same") == 1
        assert all(each.source_tokens == 4 for each in outcomes if each.text == "emas")
        assert [each.compute_ns for each in outcomes if each.cached] == [0, 0, 0]
        spent = sum(each.compute_ns for each in (*outcomes, *await first))
        assert spent == at.recorder.compute_ns


async def test_equal_segments_of_two_tenants_or_classes_are_translated_apart() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        tasks = [
            submit(at, ["same"]),
            submit(at, ["same"], tenant="bob"),
            submit(at, ["same"], priority=BULK),
        ]
        await at.recorder.until(lambda each: each.waiting == 12)
        backend.open()

        _, *answers = await asyncio.gather(first, *tasks)
        assert [each.cached for answer in answers for each in answer] == [False] * 3
        assert backend.seen.count("same") == 3
        assert at.recorder.coalesced_segments == 0


async def test_what_was_answered_is_not_kept() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}) as at:
        await submit(at, ["same"])
        again = await submit(at, ["same"])

        assert not again[0].cached
        assert backend.seen == ["same", "same"]


async def test_with_a_cache_a_tenants_text_is_translated_once_and_costs_nothing_again() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}, cache_bytes=10_000) as at:
        first = await submit(at, ["same", "other"])
        again = await submit(at, ["same", "new"])
        theirs = await submit(at, ["same"], tenant="bob")

        assert texts([*first, *again, *theirs]) == ["emas", "rehto", "emas", "wen", "emas"]
        assert [each.cached for each in (*first, *again, *theirs)] == [False, False, True, False, False]
        assert (again[0].compute_ns, again[0].queue_ns, again[0].source_tokens) == (0, 0, 4)
        assert backend.seen.count("same") == 2
        assert at.recorder.cached_segments == 1
        assert sum(each.compute_ns for each in (*first, *again, *theirs)) == at.recorder.compute_ns


async def test_a_repeat_is_not_even_tokenised_and_each_target_of_a_model_has_its_own() -> None:
    backend = Aiming()
    async with house({"en-pt": backend}, cache_bytes=10_000) as at:
        card = at.card("en-pt")
        spanish = Route((Hop(card, LanguagePair("en", "es")),))

        first = await submit(at, ["same"])
        other = await at.dispatcher.submit(["same"], spanish, tenant="ann")
        again = [*await submit(at, ["same"]), *await at.dispatcher.submit(["same"], spanish, tenant="ann")]

        assert texts([*first, *other]) == texts(again) == ["emas tp", "emas se"]
        assert [each.cached for each in (*first, *other, *again)] == [False, False, True, True]
        assert backend.tokenised == ["same", "same"]


async def test_of_a_long_text_each_part_is_remembered() -> None:
    backend = Controlled()
    long = "a sentence of many words, " * 12
    async with house({"en-pt": backend}, cache_bytes=10_000) as at:
        first = await submit(at, [long])
        seen = len(backend.seen)
        again = await submit(at, [long, "new"])

        assert texts(again)[:1] == texts(first)
        assert [each.cached for each in again] == [True, False]
        assert (first[0].parts, len(backend.seen)) == (again[0].parts, seen + 1)
        assert again[0].parts > 1


submissions = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(["", " ", "a", "bb", "a bb", "a bb " * 60, POISON]), st.booleans()),
        max_size=5,
    ),
    st.sampled_from("ab"),
    st.sampled_from(Priority),
    st.sampled_from([Decoding(), Decoding(beam_size=2), Decoding(others=True)]),
    st.sampled_from([("en-pt",), ("en-pt", "pt-es")]),
)
"""Texts and whether each is to have links; tenant, class, decoding, pairs."""


@settings(max_examples=25, deadline=None)
@given(st.lists(submissions, max_size=12))
async def test_what_is_remembered_is_what_would_be_translated_and_is_charged_to_nobody(
    asked: list[tuple[list[tuple[str, bool]], str, Priority, Decoding, tuple[str, ...]]],
) -> None:
    def fresh(outcomes: list[Outcome]) -> list[Outcome]:
        return [replace(each, compute_ns=0, queue_ns=0, load_ns=0, cached=False) for each in outcomes]

    async with (
        house({"en-pt": Aiming(), "pt-es": Aiming()}, cache_bytes=6_000) as at,
        house({"en-pt": Aiming(), "pt-es": Aiming()}) as plain,
    ):
        for pieces, tenant, priority, decoding, pairs in asked:
            spent = at.recorder.compute_ns
            found, expected = [
                await each.dispatcher.submit(
                    [text for text, _ in pieces],
                    each.route(*pairs),
                    tenant=tenant,
                    priority=priority,
                    decoding=decoding,
                    linked=[number for number, (_, linked) in enumerate(pieces) if linked],
                )
                for each in (at, plain)
            ]
            assert fresh(found) == fresh(expected)
            assert sum(each.compute_ns for each in found) == at.recorder.compute_ns - spent


async def test_whoever_asked_waited_for_the_model_with_what_was_remembered_too() -> None:
    async with house({"en-pt": Controlled()}, cache_bytes=10_000) as at:
        (first,) = await submit(at, ["same"])
        await at.dispatcher.retire([])
        again, new = await submit(at, ["same", "new"])

        assert first.load_ns > 0
        assert (again.cached, new.cached) == (True, False)
        assert again.load_ns == new.load_ns > 0


async def test_what_is_remembered_needs_no_model() -> None:
    broken = ModelUnavailable("Model en-pt cannot be loaded.")
    async with house({"en-pt": [Controlled(), broken]}, cache_bytes=10_000) as at:
        await submit(at, ["same"])
        await at.dispatcher.retire([])
        again = await submit(at, ["same", ""])

        assert texts(again) == ["emas", ""]
        assert at.recorder.cached_segments == 1
        with pytest.raises(ModelUnavailable):
            await submit(at, ["new"])


async def test_a_failure_is_not_remembered() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}, cache_bytes=10_000) as at:
        await submit(at, [POISON])
        await submit(at, [POISON])

        assert backend.seen == [POISON, POISON]

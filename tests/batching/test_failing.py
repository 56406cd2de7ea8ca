"""Segments, models and engines that fail."""

import asyncio
from collections.abc import Sequence

import pytest

from batching.lane import MOST_FAILURES
from models.contracts import Backend, ModelUnavailable, Quarantined, TokenizedSegment, Translation
from tests.batching.asking import BULK, occupied, submit, texts
from tests.batching.fakes import POISON, Controlled, house


async def test_one_segment_that_fails_fails_alone() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        mine = submit(at, ["a", f"b{POISON}", "c"])
        theirs = submit(at, [str(number) for number in range(10)], tenant="bob")
        await at.recorder.until(lambda each: each.waiting == 14)
        backend.open()

        outcomes = [*await first, *await mine, *await theirs]

        assert texts(outcomes) == ["ysub", "a", None, "c", *map(str, range(10))]
        assert sum(each.compute_ns for each in outcomes) == at.recorder.compute_ns
        assert at.recorder.failures == [("en-pt", 1)]
        assert outcomes[2].target_tokens == 0
        assert len(at.recorder.batches) == 2


async def test_a_model_that_cannot_be_loaded_is_tried_again_next_time() -> None:
    async with house({"en-pt": [ModelUnavailable("Model en-pt cannot be loaded."), Controlled()]}) as at:
        with pytest.raises(ModelUnavailable, match="en-pt"):
            await submit(at, ["one"])

        assert texts(await submit(at, ["two"])) == ["owt"]


class Gone(Controlled):
    """As a model that was evicted and cannot be loaded again."""

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        super().translate(batch)
        raise ModelUnavailable("Model en-pt cannot be loaded.")


async def test_a_model_that_is_lost_while_work_waits_says_so() -> None:
    async with house({"en-pt": Gone()}) as at:
        with pytest.raises(ModelUnavailable, match="en-pt cannot be loaded"):
            await submit(at, ["one"])


class Fragile(Controlled):
    """Fails as no model should."""

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        super().translate(batch)
        raise KeyError("secret text")


async def test_an_unforeseen_failure_is_told_by_kind_and_place_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with house({"en-pt": Fragile()}) as at:
        answers = await asyncio.gather(submit(at, ["a", "b"]), submit(at, ["c"], tenant="bob"))

        assert [texts(each) for each in answers] == [[None, None], [None]]
        assert sum(count for _, count in at.recorder.failures) == 3
    assert "KeyError at" in caplog.text
    assert "secret" not in caplog.text


async def test_the_rest_of_a_failed_request_is_not_worked_on() -> None:
    backend = Gone(held=True)
    async with house({"en-pt": backend}, batch_tokens=10) as at:
        task = submit(at, [f"text {number:05}" for number in range(9)])
        await backend.started()
        backend.release()
        with pytest.raises(ModelUnavailable):
            await task

        assert len(backend.batches) <= 2
        assert at.recorder.waiting == 0
        assert at.recorder.dropped_segments >= 7


class Lopsided(Controlled):
    """What bulk work computes on is broken, and nothing else."""

    def behind(self) -> Backend:
        return Fragile()


async def test_a_model_that_translates_nothing_for_bulk_work_any_more_is_set_aside() -> None:
    async with house({"en-pt": Lopsided()}, retry=60.0) as at:
        for number in range(MOST_FAILURES):
            assert texts(await submit(at, [f"text {number}"], priority=BULK)) == [None]

        with pytest.raises(Quarantined, match="translates nothing any more"):
            await submit(at, ["another"], priority=BULK)

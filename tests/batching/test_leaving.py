"""Work whose caller has gone, whose time is up, or that finds no room."""

import asyncio

import pytest

from batching.errors import Expired, Overloaded
from tests.batching.asking import cancelled, occupied, submit, texts, turns
from tests.batching.fakes import Controlled, Gated, house


async def test_a_departed_callers_work_leaves_the_queue_at_once() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        leaving = submit(at, ["leaving 1", "leaving 2", "leaving 1"], tenant="bob")
        staying = submit(at, ["staying"])
        await at.recorder.until(lambda each: each.waiting == 25)

        await cancelled(leaving)

        assert at.recorder.waiting == 7
        assert at.recorder.dropped_segments == 2
        backend.open()
        await asyncio.gather(first, staying)
        assert backend.seen == ["busy", "staying"]


async def test_who_shares_a_departed_callers_work_still_gets_it_and_bears_its_time() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        leader = submit(at, ["same", "alone"])
        await at.recorder.until(lambda each: each.waiting == 9)
        follower = submit(at, ["same"])
        await at.recorder.until(lambda each: each.coalesced_segments == 1)

        await cancelled(leader)
        assert at.recorder.waiting == 4
        backend.open()

        outcomes = [*await first, *await follower]
        assert texts(outcomes) == ["ysub", "emas"]
        assert not outcomes[1].cached
        assert sum(each.compute_ns for each in outcomes) == at.recorder.compute_ns


async def test_a_caller_who_leaves_while_its_batch_runs_harms_nobody() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        leaving = await occupied(at, backend)
        await cancelled(leaving)
        staying = submit(at, ["staying"])
        backend.open()

        assert texts(await staying) == ["gniyats"]
        assert at.recorder.dropped_segments == 0


async def test_work_that_is_not_done_in_time_expires_and_is_dropped() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        now = asyncio.get_running_loop().time()
        with pytest.raises(Expired):
            await at.dispatcher.submit(["late"], at.route("en-pt"), tenant="ann", deadline=now + 0.02)

        assert at.recorder.waiting == 0
        with pytest.raises(Expired):
            await at.dispatcher.submit(["too late"], at.route("en-pt"), tenant="ann", deadline=now)
        backend.open()
        await first
        assert backend.seen == ["busy"]


async def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}, queue_tokens=100) as at:
        first = await occupied(at, backend)
        large = submit(at, ["x" * 150, "y" * 150], tenant="large")
        await at.recorder.until(lambda each: each.waiting == 300)

        with pytest.raises(Overloaded) as refusal:
            await submit(at, ["one more"])

        assert 1 <= refusal.value.retry_after < 60
        backend.open()
        await asyncio.gather(first, large)
        assert texts(await submit(at, ["now"])) == ["won"]


async def test_many_at_once_overshoot_the_limit_by_one_submission_at_most() -> None:
    engine = Controlled(held=True)
    backend = Gated(engine)
    async with house({"en-pt": backend}, queue_tokens=100) as at:
        first = await occupied(at, engine)
        crowd = [submit(at, ["x" * 90], tenant=f"tenant {number}") for number in range(10)]
        backend.gate.set()
        refused, _ = await asyncio.wait(crowd, return_when=asyncio.FIRST_EXCEPTION)
        await at.recorder.until(lambda each: each.waiting == 180)
        engine.open()

        answers = await asyncio.gather(first, *crowd, return_exceptions=True)

        assert refused
        assert sum(isinstance(answer, Overloaded) for answer in answers) == 8


async def test_who_leaves_while_the_text_is_being_tokenised_leaves_nothing() -> None:
    engine = Controlled()
    backend = Gated(engine)
    async with house({"en-pt": backend}) as at:
        leaving = submit(at, ["leaving"])
        await turns()
        await cancelled(leaving)
        backend.gate.set()

        assert texts(await submit(at, ["staying"])) == ["gniyats"]
        assert engine.seen == ["staying"]

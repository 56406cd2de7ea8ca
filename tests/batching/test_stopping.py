"""What becomes of work when the dispatcher stops."""

import asyncio
import threading

import pytest

from batching.errors import Stopped
from models.reverse import ReverseBackend
from tests.batching.asking import occupied, submit, texts, turns
from tests.batching.fakes import Controlled, Gated, house


async def test_stopping_completes_what_waits_and_takes_nothing_new() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        running = await occupied(at, backend)
        waiting = submit(at, ["waiting"])
        await at.recorder.until(lambda each: each.waiting == 7)
        stopping = asyncio.create_task(at.dispatcher.stop(timeout=10))
        await asyncio.sleep(0)

        with pytest.raises(Stopped):
            await submit(at, ["new"])

        backend.open()
        await stopping
        assert texts([*await running, *await waiting]) == ["ysub", "gnitiaw"]


async def test_what_still_waits_when_the_time_is_up_is_told_so() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        running = await occupied(at, backend)
        waiting = submit(at, ["waiting"])
        await at.recorder.until(lambda each: each.waiting == 7)
        stopping = asyncio.create_task(at.dispatcher.stop(timeout=0))
        await turns()
        assert not stopping.done(), "it awaits what runs"
        backend.release()

        with pytest.raises(Stopped):
            await waiting
        await stopping
        assert texts(await running) == ["ysub"]
        assert at.recorder.waiting == 0
        assert backend.seen == ["busy"]


async def test_no_model_begins_another_batch_while_that_of_one_hangs() -> None:
    hangs, other = Controlled(held=True), Controlled(held=True)
    async with house({"en-es": hangs, "en-pt": other}, threads=2, batch_tokens=10) as at:
        hanging = submit(at, ["hangs"], "en-es")
        await hangs.started()
        running = await occupied(at, other)
        waiting = submit(at, ["waiting"])
        await at.recorder.until(lambda each: each.waiting == 7)
        stopping = asyncio.create_task(at.dispatcher.stop(timeout=0))
        await turns()
        other.open()

        with pytest.raises(Stopped):
            await waiting
        assert texts(await running) == ["ysub"]
        assert other.seen == ["busy"]
        assert not hanging.done()
        hangs.open()
        await asyncio.gather(stopping, hanging)


async def test_a_pivot_between_its_hops_is_stopped_too() -> None:
    first = Controlled(held=True)
    async with house({"de-en": first, "en-pt": Controlled()}) as at:
        await submit(at, ["warm"], "en-pt")
        task = submit(at, ["abc"], "de-en", "en-pt")
        await first.started()
        stopping = asyncio.create_task(at.dispatcher.stop(timeout=0))
        await turns()
        first.open()

        with pytest.raises(Stopped):
            async with asyncio.timeout(10):
                await task
        await stopping


async def test_a_caller_whose_text_is_being_tokenised_is_stopped_too() -> None:
    backend = Gated(Controlled())
    async with house({"en-pt": backend}) as at:
        task = submit(at, ["abc"])
        await asyncio.sleep(0)
        stopping = asyncio.create_task(at.dispatcher.stop(timeout=0))
        await turns()
        backend.gate.set()

        with pytest.raises(Stopped):
            async with asyncio.timeout(10):
                await task
        await stopping


async def test_nothing_is_left_behind() -> None:
    before = set(threading.enumerate())
    async with house({"en-pt": Controlled(), "pt-en": ReverseBackend()}, threads=2) as at:
        await asyncio.gather(submit(at, ["abc"], "en-pt"), submit(at, ["abc"], "pt-en"))
        await at.dispatcher.stop(timeout=1)

        assert asyncio.all_tasks() == {asyncio.current_task()}
        ours = ("engine", "tokenizer", "loading")
        left = [each for each in set(threading.enumerate()) - before if each.name.startswith(ours)]
        # Each has handed over its result already, and ends of itself.
        await asyncio.gather(*(asyncio.to_thread(each.join, 10) for each in left))
        assert not [each.name for each in left if each.is_alive()]

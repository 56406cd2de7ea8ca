"""What is submitted comes back, in full batches, whoever else asks."""

import asyncio

import pytest

from batching import lane
from batching.capacity import Capacity
from batching.work import Priority
from models.contracts import ModelUnavailable
from tests.batching.asking import BULK, QUICK, occupied, submit, texts
from tests.batching.fakes import PATIENCE, Controlled, Crowd, house


async def test_texts_come_back_in_order_with_their_account() -> None:
    async with house({"en-pt": Controlled()}) as at:
        outcomes = await submit(at, ["abc", "", "de", "fghij"])

        assert texts(outcomes) == ["cba", "", "ed", "jihgf"]
        assert [each.source_tokens for each in outcomes] == [3, 0, 2, 5]
        assert [each.target_tokens for each in outcomes] == [3, 0, 2, 5]
        assert sum(each.compute_ns for each in outcomes) == at.recorder.compute_ns > 0
        assert all(each.queue_ns >= 0 for each in outcomes)
        assert not any(each.cached or each.truncated for each in outcomes)
        assert at.recorder.batches == [
            {"model": "en-pt", "priority": QUICK, "segments": 3, "tokens": 10, "padded": 15}
        ]


async def test_nothing_to_do_is_done_at_once() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        assert await submit(at, []) == []
        assert texts(await submit(at, ["", ""])) == ["", ""]
        assert backend.batches == []


async def test_what_arrives_while_the_engine_is_busy_forms_one_batch() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        others = [submit(at, [f"text {number}"], tenant=f"tenant {number}") for number in range(20)]
        await at.recorder.until(lambda each: each.waiting == sum(len(f"text {n}") for n in range(20)))
        backend.open()

        await asyncio.gather(first, *others)

        assert [len(batch) for batch in backend.batches] == [1, 20]


async def test_where_requests_come_together_the_next_are_given_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        together = [submit(at, [text], tenant=text) for text in ("one", "two")]
        await at.recorder.until(lambda each: each.waiting == 6)
        monkeypatch.setattr(lane, "MOMENT", PATIENCE / 50)
        backend.open()
        await asyncio.gather(first, *together)
        await asyncio.gather(submit(at, ["three"]), submit(at, ["four"]))

        assert [len(batch) for batch in backend.batches] == [1, 2, 2]


async def test_whoever_asks_alone_is_given_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "MOMENT", 10 * PATIENCE)
    async with house({"en-pt": Controlled()}) as at:
        for number in range(3):
            await submit(at, ["several", "segments", f"of one {number}"])


async def test_a_lone_text_waits_for_no_company() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}, threads=2) as at:
        first = await occupied(at, backend)
        second = submit(at, ["second"], tenant="bob")
        await backend.started()

        assert backend.batches == [["busy"], ["second"]]
        backend.open()
        await asyncio.gather(first, second)


@pytest.mark.parametrize("priority", list(Priority))
async def test_a_batch_has_no_more_segments_than_it_may(priority: Priority) -> None:
    backend = Controlled()
    async with house({"en-pt": backend}, batch_segments=4) as at:
        words = [chr(97 + number) * 3 for number in range(26)]

        assert texts(await submit(at, words, priority=priority)) == words

        assert [len(batch) for batch in backend.batches] == [4] * 6 + [2]


async def test_a_batch_keeps_to_its_budget_and_is_longest_first() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}, batch_tokens=40) as at:
        words = [chr(97 + number) * (1 + number % 15) for number in range(26)]

        outcomes = await submit(at, words)

        assert texts(outcomes) == words
        assert sorted(backend.seen) == sorted(words)
        for batch in backend.batches:
            lengths = [len(text) for text in batch]
            assert len(batch) == 1 or max(lengths) * len(batch) <= 40
            assert lengths == sorted(lengths, reverse=True)


async def test_interactive_work_waits_for_no_bulk_not_even_for_what_is_in_the_engine() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}, batch_tokens=20) as at:
        bulk = submit(at, [f"bulk {number:05}" for number in range(10)], priority=BULK)
        await backend.started()
        quick = submit(at, ["quick"])
        await backend.started()
        assert [len(batch) for batch in backend.batches] == [2, 1]
        backend.open()

        await asyncio.gather(bulk, quick)

        assert [batch["priority"] for batch in at.recorder.batches].count(BULK) == 5


async def test_bulk_work_gets_into_the_engine_though_people_have_all_its_threads() -> None:
    """What it gets of the cores there is the system's to say: see models/gently.py."""
    backend = Controlled(held=True)
    async with house({"en-pt": backend}, batch_tokens=10) as at:
        people = submit(at, [f"person{number:04}" for number in range(10)])
        await backend.started()
        bulk = submit(at, ["bulk"], priority=BULK)
        await backend.started()
        assert backend.seen[1:] == ["bulk"]
        backend.open()

        await asyncio.gather(people, bulk)


async def test_bulk_work_is_in_the_engine_as_often_as_there_are_threads_at_most() -> None:
    crowd = Crowd()
    async with house({"en-pt": Controlled(crowd=crowd)}, threads=2, batch_tokens=10) as at:
        await asyncio.gather(
            *(
                submit(at, [f"{tenant} {n:04}" for n in range(20)], tenant=tenant, priority=BULK)
                for tenant in "abc"
            )
        )

        assert 1 <= crowd.most <= 2


async def test_a_small_tenant_is_not_behind_a_large_one() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}, batch_tokens=40) as at:
        first = await occupied(at, backend)
        large = submit(at, [f"large {number:04}" for number in range(100)], tenant="large")
        await at.recorder.until(lambda each: each.waiting == 1000)
        small = submit(at, [f"small {number:04}" for number in range(4)], tenant="small")
        await at.recorder.until(lambda each: each.waiting == 1040)
        backend.open()

        await asyncio.gather(first, large, small)

        places = [place for place, text in enumerate(backend.seen) if text.startswith("small")]
        assert max(places) <= 8


async def test_two_models_share_the_threads() -> None:
    crowd = Crowd()
    stock = {
        "en-pt": Controlled(crowd=crowd),
        "en-es": Controlled(crowd=crowd),
        "en-fr": Controlled(crowd=crowd),
    }
    async with house(stock, threads=2, batch_tokens=10) as at:
        tasks = [
            submit(at, [f"{tenant}{number:04}" for number in range(20)], pair, tenant=tenant)
            for pair in stock
            for tenant in "ab"
        ]
        await asyncio.gather(*tasks)

        assert 1 <= crowd.most <= 2
        assert all(len(backend.seen) == 40 for backend in stock.values())


@pytest.mark.parametrize("priority", [QUICK, BULK])
async def test_two_models_take_turns_whatever_waits_for_one(priority: Priority) -> None:
    busy, other = Controlled(held=True), Controlled()
    async with house({"en-pt": busy, "en-es": other}, batch_tokens=10) as at:
        flood = submit(at, [f"flood{number:05}" for number in range(20)], "en-pt", priority=priority)
        await busy.started()
        few = submit(at, ["few"], "en-es", priority=priority)
        await at.recorder.until(lambda each: each.waiting == 193)
        busy.open()

        await asyncio.gather(flood, few)

        order = [batch["model"] for batch in at.recorder.batches]
        assert order.index("en-es") <= 2


async def test_what_stood_aside_says_nothing_of_the_engine_s_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    monkeypatch.setattr(Capacity, "measure", lambda _, tokens, __: measured.append(tokens))
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        bulk = submit(at, ["standing aside"], priority=BULK)
        await backend.started()
        quick = submit(at, ["quick"])
        await backend.started()
        backend.open()
        await asyncio.gather(bulk, quick)
        assert measured == [len("quick")]

        await submit(at, ["alone"], priority=BULK)
        assert measured == [len("quick"), len("alone")]


async def test_a_warm_model_is_loaded_and_has_translated() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}) as at:
        await at.dispatcher.warm(at.card("en-pt"))

        assert at.pool.resident == ("en-pt",)
        assert len(backend.batches) == 1
    async with house({"en-pt": ModelUnavailable("Model en-pt cannot be loaded.")}) as at:
        with pytest.raises(ModelUnavailable):
            await at.dispatcher.warm(at.card("en-pt"))

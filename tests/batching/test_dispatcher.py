import asyncio
import threading
from collections.abc import Collection, Sequence

import pytest

from batching import lane
from batching.errors import Expired, Overloaded, Stopped
from batching.work import Outcome, Priority
from models.contracts import LanguagePair, ModelUnavailable, TokenizedSegment, Translation
from models.reverse import IdentityBackend, ReverseBackend
from tests.batching.fakes import PATIENCE, POISON, Controlled, Crowd, House, Stock, house

QUICK, BULK = Priority.INTERACTIVE, Priority.BULK


def submit(
    at: House, texts: Sequence[str], *pairs: str, tenant: str = "ann", priority: Priority = QUICK
) -> asyncio.Task[list[Outcome]]:
    route = at.route(*(pairs or ("en-pt",)))
    return asyncio.create_task(at.dispatcher.submit(texts, route, tenant=tenant, priority=priority))


async def occupied(at: House, backend: Controlled, tenant: str = "first") -> asyncio.Task[list[Outcome]]:
    """The only engine thread is busy when this returns."""
    task = submit(at, ["busy"], tenant=tenant)
    await backend.started()
    return task


def texts(outcomes: Sequence[Outcome]) -> list[str | None]:
    return [outcome.text for outcome in outcomes]


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
        monkeypatch.setattr(lane, "MOMENT", PATIENCE / 10)
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


async def test_interactive_work_overtakes_bulk_at_the_next_batch() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}, batch_tokens=20) as at:
        first = await occupied(at, backend)
        bulk = submit(at, [f"bulk {number:05}" for number in range(10)], priority=BULK)
        await at.recorder.until(lambda each: each.waiting == 100)
        backend.release()
        await backend.started()
        quick = submit(at, ["quick"])
        await at.recorder.until(lambda each: each.waiting == 85)
        backend.open()

        await asyncio.gather(first, bulk, quick)

        assert backend.batches[2] == ["quick"]
        assert [batch["priority"] for batch in at.recorder.batches] == [QUICK, BULK, QUICK] + [BULK] * 4


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


async def test_a_failure_is_not_remembered() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}, cache_bytes=10_000) as at:
        await submit(at, [POISON])
        await submit(at, [POISON])

        assert backend.seen == [POISON, POISON]


async def cancelled(task: asyncio.Task[list[Outcome]]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


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


class Gated(IdentityBackend):
    """Its tokenizer lets nothing out before the gate opens."""

    def __init__(self, engine: Controlled) -> None:
        self._engine = engine
        self.gate = threading.Event()

    def tokenize(
        self, texts: Sequence[str], pair: LanguagePair, *, placed: Collection[int] = ()
    ) -> list[TokenizedSegment]:
        if texts[0] != "busy":
            assert self.gate.wait(timeout=10)
        return super().tokenize(texts, pair, placed=placed)

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        return self._engine.translate(batch)


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


async def test_a_pivot_adds_up_both_hops() -> None:
    first, second = Controlled(), Controlled()
    async with house({"de-en": first, "en-pt": second}) as at:
        outcomes = await submit(at, ["abc", "", "defg"], "de-en", "en-pt")

        assert texts(outcomes) == ["abc", "", "defg"]
        assert (sorted(first.seen), sorted(second.seen)) == (["abc", "defg"], ["cba", "gfed"])
        assert [each.source_tokens for each in outcomes] == [6, 0, 8]
        assert [each.target_tokens for each in outcomes] == [6, 0, 8]
        assert sum(each.compute_ns for each in outcomes) == at.recorder.compute_ns
        assert [each.parts for each in outcomes] == [1, 1, 1]


async def test_what_fails_on_the_first_hop_goes_no_further() -> None:
    second = Controlled()
    async with house({"de-en": Controlled(), "en-pt": second}) as at:
        outcomes = await submit(at, [f"a{POISON}", "bc"], "de-en", "en-pt")

        assert texts(outcomes) == [None, "bc"]
        assert second.seen == ["cb"]
        assert outcomes[0].compute_ns > 0


async def test_a_model_missing_on_the_second_hop_fails_the_request() -> None:
    stock: Stock = {"de-en": Controlled(), "en-pt": ModelUnavailable("Model en-pt cannot be loaded.")}
    async with house(stock) as at:
        with pytest.raises(ModelUnavailable, match="en-pt"):
            await submit(at, ["abc"], "de-en", "en-pt")


async def test_a_long_text_is_cut_translated_in_parts_and_joined() -> None:
    words = [f"word{number:03}" for number in range(100)]
    backend = Controlled()
    async with house({"en-pt": backend}) as at:
        long, short = await submit(at, ["  ".join(words), "short"])

        assert len(backend.seen) == long.parts + 1 > 4
        assert max(map(len, backend.seen)) <= backend.token_limit
        assert long.text is not None
        assert "  ".join(piece[::-1] for piece in long.text.split("  ")).count("word") == 100
        assert sorted(long.text.split()) == sorted(word[::-1] for word in words)
        assert long.source_tokens == sum(map(len, backend.seen)) - len("short")
        assert short == Outcome("trohs", 5, 5, short.compute_ns, short.queue_ns, load_ns=short.load_ns)
        assert long.compute_ns + short.compute_ns == at.recorder.compute_ns


async def test_an_identity_returns_a_cut_text_unchanged() -> None:
    text = " \n".join(f"Sentence {number}, and more." for number in range(60)) + "  "
    async with house({"en-pt": IdentityBackend()}) as at:
        outcomes = await submit(at, [text, "x" * 1000])

        assert texts(outcomes) == [text, "x" * 1000]
        assert outcomes[1].cached is False


async def test_one_failed_part_fails_its_text_and_no_other() -> None:
    async with house({"en-pt": Controlled()}) as at:
        outcomes = await submit(at, ["word " * 60 + POISON, "fine"])

        assert texts(outcomes) == [None, "enif"]
        assert outcomes[0].parts > 1


async def test_more_white_space_than_fits_comes_back_as_it_was() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}) as at:
        assert texts(await submit(at, [" " * 300])) == [" " * 300]
        assert texts(await submit(at, [" " * 300, "ab"])) == [" " * 300, "ba"]
        assert backend.seen == ["ab"]


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


async def test_a_warm_model_is_loaded_and_has_translated() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}) as at:
        await at.dispatcher.warm(at.card("en-pt"))

        assert at.pool.resident == ("en-pt",)
        assert len(backend.batches) == 1
    async with house({"en-pt": ModelUnavailable("Model en-pt cannot be loaded.")}) as at:
        with pytest.raises(ModelUnavailable):
            await at.dispatcher.warm(at.card("en-pt"))


async def turns() -> None:
    """Gives every task that could go on the chance to."""
    for _ in range(10):
        await asyncio.sleep(0)


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

"""An engine call that never comes back costs its culprit, not its neighbours, and not the thread for good."""

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from batching.errors import Expired
from batching.work import Priority
from models.contracts import EngineFailure, Quarantined, TokenizedSegment, Translation
from models.reverse import ReverseBackend
from tests.batching.fakes import POISON, Controlled, house

CULPRIT = "culprit"


class Hanging(ReverseBackend):
    """Hangs on the culprit, for ever or the first time only."""

    def __init__(self, release: threading.Event, *, always: bool) -> None:
        self.release, self.always, self.hangs = release, always, 0

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        culprit = any("".join(segment.tokens) == CULPRIT for segment in batch)
        if culprit and (self.always or not self.hangs):
            self.hangs += 1
            self.release.wait()
        return super().translate(batch)


@pytest.fixture
def release() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


async def test_the_culprit_fails_alone_and_its_neighbours_are_tried_again(release: threading.Event) -> None:
    backend = Hanging(release, always=True)
    async with house({"en-pt": backend}, patience=0.2) as at:
        outcomes = await at.dispatcher.submit(
            ["one", CULPRIT, "two"], at.route("en-pt"), tenant="t", priority=Priority.BULK
        )

        assert [outcome.text for outcome in outcomes] == ["eno", None, "owt"]
        assert at.recorder.hangs == ["en-pt", "en-pt"]
        release.set()


async def test_a_hang_that_passes_loses_nothing(release: threading.Event) -> None:
    backend = Hanging(release, always=False)
    async with house({"en-pt": backend}, patience=0.2) as at:
        (outcome,) = await at.dispatcher.submit([CULPRIT], at.route("en-pt"), tenant="t")

        assert outcome.text == CULPRIT[::-1]
        assert at.recorder.hangs == ["en-pt"]
        release.set()


async def test_the_model_is_loaded_anew_and_later_work_goes_on(release: threading.Event) -> None:
    fresh = ReverseBackend()
    async with house({"en-pt": [Hanging(release, always=True), fresh]}, patience=0.2) as at:
        route = at.route("en-pt")
        (first,) = await at.dispatcher.submit([CULPRIT], route, tenant="t")
        (second,) = await at.dispatcher.submit(["later"], route, tenant="t")

        assert (first.text, second.text) == (CULPRIT[::-1], "retal")
        with at.pool.use(at.card("en-pt")) as loaded:
            assert loaded is fresh
        release.set()


async def test_a_thread_that_comes_back_late_disturbs_nobody(release: threading.Event) -> None:
    backend = Hanging(release, always=False)
    async with house({"en-pt": backend}, patience=0.2) as at:
        await at.dispatcher.submit([CULPRIT], at.route("en-pt"), tenant="t")
        release.set()
        hung = [each for each in threading.enumerate() if each.name == "engine en-pt"]
        await asyncio.gather(*(asyncio.to_thread(each.join, 10) for each in hung))
        (outcome,) = await at.dispatcher.submit(["after"], at.route("en-pt"), tenant="t")

        assert outcome.text == "retfa"


class Stuck(ReverseBackend):
    """Hangs on everything."""

    def __init__(self, release: threading.Event) -> None:
        self.release = release

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        self.release.wait()
        return super().translate(batch)


async def test_an_engine_that_hangs_on_everything_is_given_up_soon(release: threading.Event) -> None:
    async with house({"en-pt": Stuck(release)}, patience=0.1) as at:
        texts = [f"text {number}" for number in range(50)]
        outcomes = await at.dispatcher.submit(texts, at.route("en-pt"), tenant="t", priority=Priority.BULK)

        assert [outcome.text for outcome in outcomes] == [None] * 50
        assert len(at.recorder.hangs) == 3
        release.set()


async def test_nothing_is_tried_again_for_callers_who_left(release: threading.Event) -> None:
    async with house({"en-pt": Stuck(release)}, patience=0.3) as at:
        texts = [f"text {number}" for number in range(50)]
        deadline = asyncio.get_running_loop().time() + 0.1
        with pytest.raises(Expired):
            await at.dispatcher.submit(texts, at.route("en-pt"), tenant="t", deadline=deadline)
        await at.recorder.until(lambda each: bool(each.hangs))
        await at.dispatcher.stop(timeout=0)

        assert len(at.recorder.hangs) == 1
        release.set()


async def test_a_second_hang_leaves_the_fresh_model_alone() -> None:
    old, fresh = ReverseBackend(), ReverseBackend()
    async with house({"en-pt": [old, fresh]}) as at:
        card = at.card("en-pt")
        with at.pool.use(card) as first:
            at.pool.discard(card, first)
        with at.pool.use(card) as second:
            at.pool.discard(card, first)
        with at.pool.use(card) as third:
            assert (first, second, third) == (old, fresh, fresh)


class Dead(ReverseBackend):
    """Gives nothing back, whatever it is asked."""

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        raise EngineFailure(f"Model en-pt failed on {len(batch)}.")


async def test_a_model_that_gives_nothing_back_is_set_aside() -> None:
    async with house({"en-pt": Dead(), "pt-en": ReverseBackend()}, retry=3600) as at:
        for word in ("one", "two", "three"):
            (outcome,) = await at.dispatcher.submit([word], at.route("en-pt"), tenant="t")
            assert outcome.text is None
        with pytest.raises(Quarantined, match="translates nothing any more"):
            await at.dispatcher.submit(["four"], at.route("en-pt"), tenant="t")

        (other,) = await at.dispatcher.submit(["five"], at.route("pt-en"), tenant="t")
        assert other.text == "evif"


async def test_whatever_is_sent_no_working_model_is_set_aside() -> None:
    async with house({"en-pt": Controlled()}, retry=3600) as at:
        for number in range(9):
            await at.dispatcher.submit([f"{POISON}{number}"], at.route("en-pt"), tenant="t")
        (outcome,) = await at.dispatcher.submit(["fine"], at.route("en-pt"), tenant="t")
        assert outcome.text == "enif"

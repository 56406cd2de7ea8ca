"""An engine call that never comes back costs its culprit, not its neighbours, and not the thread for good."""

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from batching.work import Priority
from models.contracts import TokenizedSegment, Translation
from models.reverse import ReverseBackend
from tests.batching.fakes import house

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

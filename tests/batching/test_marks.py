"""What the observer is told of an engine call, for each submission that it marked."""

from tests.batching.asking import occupied, submit
from tests.batching.fakes import POISON, Controlled, house


async def test_each_submission_of_a_batch_is_told_of_by_its_mark() -> None:
    backend = Controlled(held=True)
    async with house({"en-pt": backend}) as at:
        first = await occupied(at, backend)
        at.recorder.marks += ["one", "two"]
        one = submit(at, ["same", "other"])
        two = submit(at, ["same"])
        await at.recorder.until(lambda each: each.coalesced_segments == 1)
        backend.open()
        await first, await one, await two
        told = at.recorder.served_works
    assert [(each.mark, each.segments, each.batch_segments) for each in told] == [
        ("one", 2, 2),
        ("two", 1, 2),
    ]
    for each in told:
        assert each.arrived <= each.started <= each.ended
        assert each.model == "en-pt"
        assert each.padded > 0


async def test_without_a_mark_nobody_is_told() -> None:
    async with house({"en-pt": Controlled()}) as at:
        await submit(at, ["one", "two"])
        assert at.recorder.served_works == []


async def test_what_the_engine_failed_on_is_told_too() -> None:
    async with house({"en-pt": Controlled()}) as at:
        at.recorder.marks += ["one"]
        await submit(at, ["fine", POISON])
        (told,) = at.recorder.served_works
    assert (told.segments, told.failed) == (2, 1)

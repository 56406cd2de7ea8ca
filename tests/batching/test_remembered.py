"""Repeats: equal segments are remembered, each tenant's apart."""

from models.reverse import ReverseBackend
from tests.batching.fakes import Controlled, house


async def test_a_repeat_takes_no_engine_time() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}, cache_bytes=1 << 20) as at:
        backend.open()
        route = at.route("en-pt")
        (first,) = await at.dispatcher.submit(["same"], route, tenant="a")
        (second,) = await at.dispatcher.submit(["same"], route, tenant="a")

        assert (first.text, second.text) == ("emas", "emas")
        assert (first.cached, second.cached) == (False, True)
        assert (second.compute_ns, second.queue_ns) == (0, 0)
        assert second.source_tokens == first.source_tokens
        assert backend.seen == ["same"]
        assert at.recorder.cached_segments == 1


async def test_another_tenant_does_not_profit() -> None:
    backend = Controlled()
    async with house({"en-pt": backend}, cache_bytes=1 << 20) as at:
        backend.open()
        for tenant in "ab":
            (outcome,) = await at.dispatcher.submit(["same"], at.route("en-pt"), tenant=tenant)
            assert not outcome.cached

        assert backend.seen == ["same", "same"]


async def test_off_means_nothing_is_remembered() -> None:
    async with house({"en-pt": ReverseBackend()}, cache_bytes=0) as at:
        for _ in range(2):
            (outcome,) = await at.dispatcher.submit(["same"], at.route("en-pt"), tenant="a")
            assert not outcome.cached

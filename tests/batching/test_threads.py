import asyncio
import threading
from collections.abc import Iterator

import pytest

from batching.threads import Threads
from tests.batching.fakes import PATIENCE


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(name="engine")
    yield made
    made.close()


async def test_one_thread_serves_call_after_call(threads: Threads) -> None:
    idents = [await threads.run(threading.get_ident) for _ in range(5)]
    assert len(set(idents)) == 1
    assert idents[0] != threading.get_ident()


async def test_calls_at_once_have_a_thread_each(threads: Threads) -> None:
    together = threading.Barrier(3)
    waits = [threads.run(lambda: together.wait(PATIENCE)) for _ in range(3)]
    assert sorted(await asyncio.gather(*waits)) == [0, 1, 2]


async def test_what_a_call_raises_is_raised(threads: Threads) -> None:
    def fail() -> None:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        await threads.run(fail)
    assert await threads.run(lambda: 1) == 1


async def test_a_call_that_hangs_keeps_its_thread_and_nobody_else(threads: Threads) -> None:
    release = threading.Event()
    hanging = threads.run(lambda: release.wait(PATIENCE))
    hanging.cancel()
    assert await threads.run(lambda: "next") == "next"
    release.set()
    assert await threads.run(lambda: "after") == "after"


async def test_threads_end_with_it(threads: Threads) -> None:
    mine = await threads.run(threading.current_thread)
    release = threading.Event()
    busy = threads.run(lambda: (threading.current_thread(), release.wait(PATIENCE)))
    threads.close()
    release.set()
    other, _ = await busy
    for thread in (mine, other):
        await asyncio.to_thread(thread.join, PATIENCE)
        assert not thread.is_alive()

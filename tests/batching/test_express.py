"""While people are about, bulk work leaves one thread to small batches."""

import asyncio

import pytest

from batching.capacity import Capacity
from batching.express import PRESENCE, SMALL, Express
from batching.queue import LaneQueue
from batching.work import Group, Priority, Ticket, WorkItem
from models.contracts import TokenizedSegment


@pytest.fixture
def queue() -> LaneQueue:
    return LaneQueue(Capacity(1_000_000, threads=2), budget=2048)


async def _fill(queue: LaneQueue, priority: Priority, count: int, *, length: int = 20) -> None:
    group = Group.of(count)
    for number in range(count):
        segment = TokenizedSegment((str(number), *"x" * (length - 1)))
        queue.put(WorkItem(segment, "t", priority, number, 0.0, [Ticket(group, number)]))
    await asyncio.sleep(0)


async def test_without_people_every_batch_is_full(queue: LaneQueue) -> None:
    express = Express(2)
    await _fill(queue, Priority.BULK, 300)
    for _ in range(2):
        batch = queue.take(100.0, bulk_budget=express.bulk_budget(100.0))
        express.enter(batch)
        assert len(batch) == 2048 // 20


async def test_with_people_one_thread_takes_small_batches_until_a_long_one_ends(queue: LaneQueue) -> None:
    express = Express(2)
    express.seen(100.0)
    await _fill(queue, Priority.BULK, 400)

    first = queue.take(100.0, bulk_budget=express.bulk_budget(100.0))
    long = express.enter(first)
    second = queue.take(100.0, bulk_budget=express.bulk_budget(100.0))
    assert (len(first), len(second)) == (2048 // 20, SMALL // 20)
    assert not express.enter(second)

    express.leave(long)
    assert express.bulk_budget(100.0) is None


def test_one_thread_has_no_room_for_long_ones_while_people_are_about() -> None:
    express = Express(1)
    express.seen(100.0)

    assert express.bulk_budget(100.0) == SMALL
    assert express.bulk_budget(100.0 + PRESENCE) is None


async def test_interactive_batches_are_never_cut_down(queue: LaneQueue) -> None:
    await _fill(queue, Priority.INTERACTIVE, 50)

    batch = queue.take(100.0, bulk_budget=SMALL)
    assert len(batch) == 50
    assert not Express(1).enter(batch)

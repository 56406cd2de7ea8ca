import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from batching.budget import Budget, padded
from batching.capacity import Capacity
from batching.queue import LaneQueue
from batching.work import Group, Outcome, Priority, Ticket, WorkItem
from models.contracts import TokenizedSegment

BUDGET = Budget(100)
TENANTS = ("ann", "bob", "cyd")


@pytest.fixture
def capacity() -> Capacity:
    return Capacity(1_000_000, threads=1)


@pytest.fixture
def queue(capacity: Capacity) -> LaneQueue:
    return LaneQueue(capacity, budget=BUDGET)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


class Maker:
    """Items as a lane makes them. Each has tokens of its own unless told otherwise."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._numbers = itertools.count()

    def group(self, size: int = 1) -> Group:
        return Group(self._loop.create_future(), [None] * size, size)

    def item(
        self,
        tenant: str = "ann",
        length: int = 10,
        *,
        priority: Priority = Priority.INTERACTIVE,
        arrived: float = 0.0,
        word: str | None = None,
    ) -> WorkItem:
        number = next(self._numbers)
        tokens = (word or f"w{number}",) * length
        ticket = Ticket(self.group(), 0)
        return WorkItem(TokenizedSegment(tokens), tenant, priority, number, arrived, [ticket])


@pytest.fixture
def maker(loop: asyncio.AbstractEventLoop) -> Maker:
    return Maker(loop)


def drained(queue: LaneQueue) -> list[list[WorkItem]]:
    return list(iter(queue.take, []))


@given(
    work=st.lists(st.tuples(st.sampled_from(TENANTS), st.integers(1, 150)), max_size=60), wide=st.booleans()
)
@settings(deadline=None)
def test_until_empty_every_item_comes_out_exactly_once(work: list[tuple[str, int]], *, wide: bool) -> None:
    loop = asyncio.new_event_loop()
    capacity = Capacity(1_000_000, threads=1)
    queue, maker = LaneQueue(capacity, budget=BUDGET, wide=wide), Maker(loop)
    items = [maker.item(tenant, length) for tenant, length in work]
    for item in items:
        queue.put(item)

    batches = drained(queue)

    assert Counter(id(item) for batch in batches for item in batch) == Counter(map(id, items))
    assert all(len(batch) == 1 or padded(item.length for item in batch) <= BUDGET.tokens for batch in batches)
    assert capacity.waiting == 0
    loop.close()


@pytest.mark.parametrize(("wide", "lengths"), [(True, [20] * 5), (False, [20] + [5] * 4)])
def test_bulk_work_finds_company_of_its_length_however_far_back_it_waits(
    capacity: Capacity, maker: Maker, *, wide: bool, lengths: list[int]
) -> None:
    queue = LaneQueue(capacity, budget=BUDGET, wide=wide)
    for length in (20, *[5] * 200, *[20] * 4):
        queue.put(maker.item(length=length))

    assert [item.length for item in queue.take()] == lengths


def _to_eight(length: int) -> int:
    return -(-length // 8) * 8


@pytest.mark.parametrize(
    ("wide", "tenant", "lengths"),
    [(True, "ann", [16, 10, 10]), (False, "ann", [10, 10, 10]), (True, "bob", [10, 10, 10])],
)
def test_bulk_work_of_the_length_that_the_engine_fills_up_to_takes_the_place_of_the_filling(
    capacity: Capacity, maker: Maker, *, wide: bool, tenant: str, lengths: list[int]
) -> None:
    queue = LaneQueue(capacity, budget=Budget(30), wide=wide)
    for length in (10, 10, 10, 15, 17):
        queue.put(maker.item(length=length))
    queue.put(maker.item(tenant, 16))

    taken = [item.length for item in queue.take(snug=_to_eight)]

    assert taken[:3] == lengths
    assert len(taken) == (4 if lengths[0] == 16 else 3)


def test_bulk_work_that_waits_longest_is_always_next(capacity: Capacity, maker: Maker) -> None:
    queue = LaneQueue(capacity, budget=BUDGET, wide=True)
    for number in range(300):
        queue.put(maker.item(length=1 + number * 7 % 40))
    left = set(range(300))

    for batch in drained(queue):
        assert min(left) in {item.sequence for item in batch}
        left -= {item.sequence for item in batch}
    assert not left


def shares(batches: list[list[WorkItem]]) -> dict[str, int]:
    served: Counter[str] = Counter()
    for batch in batches:
        for item in batch:
            served[item.tenant] += item.length
    return served


def test_a_tenant_with_a_thousand_segments_does_not_delay_one_with_three(
    queue: LaneQueue, maker: Maker
) -> None:
    for _ in range(1000):
        queue.put(maker.item("ann"))
    for _ in range(3):
        queue.put(maker.item("bob"))

    assert [item.tenant for item in queue.take()].count("bob") == 3


def test_two_tenants_with_work_share_evenly_whatever_their_lengths(queue: LaneQueue, maker: Maker) -> None:
    for _ in range(200):
        queue.put(maker.item("ann", 5))
        queue.put(maker.item("bob", 50))

    served = shares([queue.take() for _ in range(15)])

    assert abs(served["ann"] - served["bob"]) <= 2 * BUDGET.tokens


def test_whoever_returns_has_neither_credit_nor_debt(queue: LaneQueue, maker: Maker) -> None:
    for _ in range(300):
        queue.put(maker.item("ann", 50))
    for _ in range(50):
        queue.take()

    for _ in range(300):
        queue.put(maker.item("bob", 50))
    served = shares([queue.take() for _ in range(20)])
    assert abs(served["ann"] - served["bob"]) <= BUDGET.tokens


@pytest.mark.parametrize("visitor", ["a visitor", "z visitor"])
def test_short_visits_that_fill_a_batch_do_not_starve_whoever_waits(
    queue: LaneQueue, maker: Maker, visitor: str
) -> None:
    """A tenant that comes back for every batch starts level each time; a tie must not be its advantage."""
    for _ in range(20):
        queue.put(maker.item("m waiting", BUDGET.tokens))
    taken: list[str] = []
    for _ in range(20):
        queue.put(maker.item(visitor, BUDGET.tokens))
        taken += [item.tenant for item in queue.take()]

    assert taken.count("m waiting") >= 10


def test_the_served_are_forgotten_when_nothing_of_theirs_waits(queue: LaneQueue, maker: Maker) -> None:
    for number in range(1000):
        queue.put(maker.item(f"tenant {number}"))
    drained(queue)

    left = queue._waiting
    assert not any((left._turns._served, left._turns._front, left._turns._rest, left._tenants))


def test_equal_work_is_joined_while_it_waits_and_while_it_runs(queue: LaneQueue, maker: Maker) -> None:
    item = maker.item(word="same")
    queue.put(item)
    waiting = Ticket(maker.group(), 0)
    assert queue.join(item.key, waiting) is item
    assert queue.take() == [item]
    running = Ticket(maker.group(), 0)
    assert queue.join(item.key, running) is item

    queue.close(item)

    assert queue.join(item.key, Ticket(maker.group(), 0)) is None
    assert item.tickets[1:] == [waiting, running]
    queue.close(item)


@pytest.mark.parametrize(
    "other",
    [
        ("bob", Priority.INTERACTIVE, 10, "same"),
        ("ann", Priority.BULK, 10, "same"),
        ("ann", Priority.INTERACTIVE, 9, "same"),
    ],
)
def test_other_tenants_classes_and_tokens_are_not_equal(
    queue: LaneQueue, maker: Maker, other: tuple[str, Priority, int, str]
) -> None:
    queue.put(maker.item(word="same"))
    tenant, priority, length, word = other

    key = maker.item(tenant, length, priority=priority, word=word).key

    assert queue.join(key, Ticket(maker.group(), 0)) is None


def test_a_closed_item_does_not_close_its_successor(queue: LaneQueue, maker: Maker) -> None:
    old, new = maker.item(word="same"), maker.item(word="same")
    queue.put(old)
    queue.take()
    queue.close(old)
    queue.put(new)

    queue.close(old)

    assert queue.join(new.key, Ticket(maker.group(), 0)) is new


def test_only_what_nobody_wants_is_dropped(queue: LaneQueue, capacity: Capacity, maker: Maker) -> None:
    left, shared, wanted, running = maker.item(), maker.item(), maker.item(), maker.item(length=100)
    for item in (running, left, shared, wanted):
        queue.put(item)
    assert queue.take() == [running]
    queue.join(shared.key, Ticket(maker.group(), 0))
    for item in (left, shared, running):
        item.tickets[0].group.future.cancel()

    assert queue.drop([left, shared, wanted, running, left]) == 1
    assert queue.drop([left]) == 0

    assert capacity.waiting == 20
    assert set(queue.take()) == {shared, wanted}


class QueueMachine(RuleBasedStateMachine):
    """Any sequence of what a lane does to its queue, beside a plain model of what must be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.capacity = Capacity(1_000_000, threads=1)
        self.queue = LaneQueue(self.capacity, budget=BUDGET, wide=True)
        self.maker = Maker(self.loop)
        self.waiting: list[WorkItem] = []
        self.running: list[WorkItem] = []

    @rule(
        tenant=st.sampled_from(TENANTS),
        length=st.integers(0, 130),
        word=st.sampled_from("ab"),
    )
    def submit(self, tenant: str, length: int, word: str) -> None:
        item = self.maker.item(tenant, length, word=word)
        known = [each for each in (*self.waiting, *self.running) if each.key == item.key]
        joined = self.queue.join(item.key, item.tickets[0])
        assert joined is (known[0] if known else None)
        if joined is None:
            self.queue.put(item)
            self.waiting.append(item)

    @rule()
    def take(self) -> None:
        batch = self.queue.take(snug=_to_eight)
        assert bool(batch) == bool(self.waiting)
        for item in batch:
            self.waiting.remove(item)
            self.running.append(item)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        item = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        self.queue.close(item)
        for ticket in item.tickets:
            ticket.group.settle(0, Outcome("done"))

    @precondition(lambda self: self.waiting or self.running)
    @rule(data=st.data(), everybody=st.booleans())
    def leave(self, data: st.DataObject, *, everybody: bool) -> None:
        item = data.draw(st.sampled_from([*self.waiting, *self.running]))
        for ticket in item.tickets if everybody else item.tickets[:1]:
            ticket.group.future.cancel()
        gone = item in self.waiting and not item.wanted
        assert self.queue.drop([item]) == gone
        if gone:
            self.waiting.remove(item)

    @rule()
    def clear(self) -> None:
        assert set(self.queue.clear()) == {*self.waiting, *self.running}
        self.waiting.clear()
        self.running.clear()

    @invariant()
    def the_accounts_are_right(self) -> None:
        assert len(self.queue) == len(self.waiting)
        assert self.capacity.waiting == sum(item.length for item in self.waiting)
        assert {item.tenant for item in self.waiting} == self.queue._waiting._turns._served.keys()

    def teardown(self) -> None:
        drained(self.queue)
        assert self.capacity.waiting == 0
        assert len(self.queue) == 0
        self.loop.close()


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(deadline=None, max_examples=60, stateful_step_count=40)

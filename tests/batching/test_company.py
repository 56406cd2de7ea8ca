"""Who is given a moment, and who is not."""

import asyncio

from batching.company import FEW, MEMORY, Company
from batching.work import Group, Priority, Ticket, WorkItem
from models.contracts import TokenizedSegment


def batch(*requests: Group) -> list[WorkItem]:
    segment = TokenizedSegment(("x",))
    return [
        WorkItem(segment, "ann", Priority.INTERACTIVE, number, 0.0, [Ticket(group, 0)])
        for number, group in enumerate(requests)
    ]


async def test_company_is_expected_after_a_batch_of_several_requests() -> None:
    company = Company()
    one, two = Group.of(1), Group.of(1)
    company.meet(batch(one), 10.0)
    company.meet(batch(two, two), 10.0)
    assert not company.expected(1, 10.0)
    company.meet(batch(one, two), 10.0)
    assert company.expected(1, 10.0 + MEMORY / 2)
    await asyncio.sleep(0)


async def test_it_is_forgotten_and_a_full_queue_needs_none() -> None:
    company = Company()
    company.meet(batch(Group.of(1), Group.of(1)), 10.0)
    assert company.expected(FEW - 1, 10.0)
    assert not company.expected(FEW, 10.0)
    assert not company.expected(1, 10.0 + MEMORY)
    await asyncio.sleep(0)

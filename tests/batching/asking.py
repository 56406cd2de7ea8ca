"""Questions put to a dispatcher, as many tests of it put them."""

import asyncio
from collections.abc import Sequence

import pytest

from batching.work import Outcome, Priority
from tests.batching.fakes import Controlled, House

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


async def cancelled(task: asyncio.Task[list[Outcome]]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def turns() -> None:
    """Gives every task that could go on the chance to."""
    for _ in range(10):
        await asyncio.sleep(0)

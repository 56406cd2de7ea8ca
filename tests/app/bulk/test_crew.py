"""Workers that are lost: what they had in hand is answered by others, or the run says why it cannot go on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.bulk.crew import STARTS, TRIES, Crew, Lost
from app.charging import Tariff, entry
from app.errors import ConfigurationError
from app.results import TranslationRequest, TranslationResult

TARIFF = Tariff(Decimal(0), Decimal(0), 1, "GBP")


@dataclass(eq=False)
class Fake:
    dies: Callable[[int], bool]
    """Told how many windows it was given."""
    given: list[int] = field(default_factory=list)
    in_hand: int = 0
    most: int = 0
    dead: bool = False
    dismissed: bool = False

    async def answer(self, request: TranslationRequest) -> TranslationResult:
        assert request.chunk is not None
        if self.dead:
            raise Lost("gone")
        self.given.append(request.chunk)
        self.in_hand += 1
        self.most = max(self.most, self.in_hand)
        await asyncio.sleep(0)
        if self.dies(len(self.given)):
            self.dead = True
        await asyncio.sleep(0)
        self.in_hand -= 1
        if self.dead:
            raise Lost("gone")
        charge = entry(request, (), tariff=TARIFF, created_at=datetime.now(UTC), queue_ns=0)
        return TranslationResult(request.id, (), charge, duplicate=False)

    def dismiss(self) -> None:
        self.dismissed = True


@dataclass
class Office:
    dies: list[Callable[[int], bool]]
    """Of the workers in the order of their hiring; those after them live."""
    hired: list[Fake] = field(default_factory=list)

    async def hire(self) -> Fake:
        dies = self.dies[len(self.hired)] if len(self.hired) < len(self.dies) else lambda _: False
        self.hired.append(Fake(dies))
        return self.hired[-1]


@asynccontextmanager
async def crew_of(office: Office, *, size: int, each: int) -> AsyncIterator[Crew]:
    crew = Crew(office.hire, size=size, each=each)
    async with asyncio.timeout(20), crew.working():
        yield crew


async def turns() -> None:
    """Of the loop, more than a crew needs to be seated."""
    for _ in range(20):
        await asyncio.sleep(0)


def request(window: int) -> TranslationRequest:
    return TranslationRequest([], "en", chunk=window)


async def test_what_a_lost_worker_had_is_answered_by_others() -> None:
    office = Office([lambda given: given >= 5, lambda given: given >= 9])
    async with crew_of(office, size=2, each=3) as crew:
        wanted = [request(window) for window in range(60)]
        found = await asyncio.gather(*map(crew.answer, wanted))
    assert [each.id for each in found] == [each.id for each in wanted]
    assert len(office.hired) >= 4
    assert {window for worker in office.hired for window in worker.given} == set(range(60))
    assert all(worker.most <= 3 for worker in office.hired)
    assert all(worker.dismissed for worker in office.hired)


async def test_few_windows_are_shared_out_evenly() -> None:
    office = Office([])
    async with crew_of(office, size=3, each=8) as crew:
        await turns()
        await asyncio.gather(*(crew.answer(request(window)) for window in range(6)))
    assert [len(worker.given) for worker in office.hired] == [2, 2, 2]


async def test_a_window_that_no_worker_outlives_ends_the_run() -> None:
    office = Office([lambda _: True] * TRIES)
    async with crew_of(office, size=1, each=1) as crew:
        with pytest.raises(ConfigurationError, match="Window 7 was given to 5 workers"):
            await crew.answer(request(7))
    assert len(office.hired) >= TRIES


async def test_workers_that_never_start_end_the_run() -> None:
    tried = 0

    async def hire() -> Fake:
        nonlocal tried
        tried += 1
        raise Lost("ActorDiedError")

    async with asyncio.timeout(20):
        crew = Crew(hire, size=1, each=2)
        async with crew.working():
            for window in (1, 2):
                with pytest.raises(
                    ConfigurationError, match="No engine starts on the cluster: ActorDiedError"
                ):
                    await crew.answer(request(window))
    assert tried == STARTS


async def test_a_caller_that_is_cancelled_leaves_its_place_to_others() -> None:
    async with crew_of(Office([]), size=1, each=1) as crew:
        first = asyncio.create_task(crew.answer(request(1)))
        await turns()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert (await crew.answer(request(2))).entry.chunk == 2

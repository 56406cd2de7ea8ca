"""Limits a minute, with a clock of the test's own."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app.errors import RateLimited, TooLarge
from app.storage.database import Database
from app.tenants.caller import Caller
from app.tenants.limiter import SHARE, Limiter, Unit
from app.tenants.tenant import OWN_WORK, Rates, Tenant

MINUTE = 29_000_000 * 60.0


@dataclass(slots=True)
class Clock:
    now: float = MINUTE

    def __call__(self) -> float:
        return self.now


def caller(key: Rates | None = None, tenant: Rates | None = None, *, key_id: str = "key_1") -> Caller:
    north = Tenant("north", datetime(2026, 1, 1, tzinfo=UTC), rates=tenant or Rates())
    return Caller(north, key_id, OWN_WORK, key or Rates())


async def taken(
    limiter: Limiter, who: Caller, tries: int, unit: Unit = Unit.REQUESTS, amount: int = 1
) -> int:
    """How many of so many tries get through."""
    outcomes = await asyncio.gather(
        *(limiter.take(who, unit, amount) for _ in range(tries)), return_exceptions=True
    )
    refused = [each for each in outcomes if each is not None]
    assert all(isinstance(each, RateLimited) for each in refused)
    return tries - len(refused)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(database: Database, clock: Clock) -> Limiter:
    return Limiter(database, clock=clock)


@pytest.mark.parametrize("most", [1, 5, 100])
async def test_so_many_a_minute_and_again_the_next(limiter: Limiter, clock: Clock, most: int) -> None:
    who = caller(Rates(requests=most))
    assert await taken(limiter, who, most + 20) == most
    clock.now += 59
    assert await taken(limiter, who, 1) == 0
    clock.now += 1
    assert await taken(limiter, who, most + 20) == most


async def test_the_refusal_says_when_to_come_back(limiter: Limiter, clock: Clock) -> None:
    who = caller(Rates(requests=1))
    clock.now += 18
    await limiter.take(who, Unit.REQUESTS)
    with pytest.raises(RateLimited, match="This key may send 1 requests a minute") as caught:
        await limiter.take(who, Unit.REQUESTS)
    assert caught.value.retry_after == 42
    assert limiter.headers(who) == {
        "RateLimit-Limit": "1",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "42",
    }


async def test_characters(limiter: Limiter) -> None:
    who = caller(Rates(characters=1_000))
    assert await taken(limiter, who, 5, Unit.CHARACTERS, 300) == 3
    assert await taken(limiter, who, 1, Unit.CHARACTERS, 100) == 1
    assert await taken(limiter, who, 1, Unit.CHARACTERS, 1) == 0
    with pytest.raises(TooLarge, match="may send 1,000 characters a minute, and this is 1,001"):
        await limiter.take(who, Unit.CHARACTERS, 1_001)


async def test_replicas_together_take_no_more(database: Database, clock: Clock) -> None:
    replicas = [Limiter(database, clock=clock) for _ in range(3)]
    who = caller(Rates(requests=160))
    passed = await asyncio.gather(*(taken(each, who, 100) for each in replicas))
    assert sum(passed) == 160


async def test_what_an_idle_replica_holds_is_a_sixteenth(database: Database, clock: Clock) -> None:
    idle, busy = Limiter(database, clock=clock), Limiter(database, clock=clock)
    who = caller(Rates(requests=160))
    await idle.take(who, Unit.REQUESTS)
    assert await taken(busy, who, 200) == 160 - 160 // SHARE


async def test_a_tenants_limit_is_over_all_its_keys(limiter: Limiter) -> None:
    everyone = Rates(requests=10)
    one, two = (caller(Rates(requests=8), everyone, key_id=name) for name in ("key_1", "key_2"))
    assert await taken(limiter, one, 20) == 8
    assert await taken(limiter, two, 20) == 2
    # What the tenant refused is not held against the key.
    assert (
        limiter._windows["key:key_2", Unit.REQUESTS].left
        + limiter._windows["key:key_2", Unit.REQUESTS].untaken
        == 8 - 2
    )


async def test_most_requests_write_nothing(limiter: Limiter, monkeypatch: pytest.MonkeyPatch) -> None:
    writes = 0
    whole = limiter._lease

    async def counted(*args: object) -> None:
        nonlocal writes
        writes += 1
        await whole(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(limiter, "_lease", counted)
    for _ in range(6_000):
        await limiter.take(caller(Rates(requests=6_000)), Unit.REQUESTS)
    assert writes == SHARE


async def test_a_clock_behind_follows_the_one_ahead(database: Database) -> None:
    ahead, behind = Limiter(database, clock=Clock(MINUTE + 60)), Limiter(database, clock=Clock(MINUTE))
    who = caller(Rates(requests=10))
    assert await taken(ahead, who, 6) == 6
    assert await taken(behind, who, 10) == 4


async def test_no_limit_no_window(limiter: Limiter) -> None:
    assert await taken(limiter, caller(), 100) == 100
    assert limiter.headers(caller()) == {}
    assert limiter._windows == {}

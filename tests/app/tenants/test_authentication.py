"""Keys, remembered for a while: with a clock of the test's own."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import InvalidKey, KeyEnded, StorageError, Suspended, TooOften, Unauthenticated
from app.tenants.attempts import MOST, WINDOW
from app.tenants.authentication import FRESH, STALE, Authenticator
from app.tenants.caller import Caller
from app.tenants.directory import Directory
from app.tenants.key import ApiKey
from app.tenants.tenant import Scope, Status, Tenant

ADDRESS = "192.0.2.1"


@dataclass(slots=True)
class Clock:
    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Watched:
    """A directory that counts how often it is asked, and can be out of order."""

    inner: Directory
    asked: int = 0
    broken: bool = False
    used: list[str] = field(default_factory=list)

    def find_key(self, digest: str) -> tuple[ApiKey, Tenant] | None:
        self.asked += 1
        if self.broken:
            raise StorageError("The disk is on fire.")
        return self.inner.find_key(digest)

    def tenant(self, name: str) -> Tenant:
        self.asked += 1
        return self.inner.tenant(name)

    def mark_used(self, moments: dict[str, datetime]) -> None:
        self.used += moments
        self.inner.mark_used(moments)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watched(directory: Directory) -> Watched:
    return Watched(directory)


@pytest.fixture
async def door(watched: Watched, clock: Clock) -> AsyncIterator[Authenticator]:
    made = Authenticator(watched, optional=False, clock=clock)  # type: ignore[arg-type]
    yield made
    await made.close()


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


async def come(door: Authenticator, secret: str, address: str = ADDRESS) -> Caller:
    return await door.authenticate(bearer(secret), address)


async def settled(door: Authenticator) -> None:
    """What goes on beside the requests is done."""
    await door.close()


async def test_a_key_is_its_tenant(door: Authenticator, directory: Directory) -> None:
    directory.create_tenant("north")
    issued = directory.create_key("north", scopes=frozenset({Scope.USAGE}))
    for headers in (
        bearer(issued.secret),
        {"authorization": f"bearer  {issued.secret} "},
        {"x-api-key": issued.secret},
        {"authorization": f"DeepL-Auth-Key {issued.secret}"},
        {"authorization": "Basic eDp5", "x-api-key": issued.secret},
    ):
        caller = await door.authenticate(headers, ADDRESS)
        assert (caller.tenant.name, caller.key_id, caller.scopes) == (
            "north",
            issued.key.id,
            frozenset({Scope.USAGE}),
        )


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Basic eDp5"}, {"authorization": "Bearer "}, {"x-api-key": ""}]
)
async def test_no_key_is_said_to_be_none(door: Authenticator, headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated, match="needs a key") as caught:
        await door.authenticate(headers, ADDRESS)
    assert caught.value.code == "unauthenticated"


@pytest.mark.parametrize("secret", ["wrong", "dgm_" + "A" * 43, "x" * 100_000, "\udcff\x00é"])
async def test_a_wrong_key(door: Authenticator, secret: str) -> None:
    with pytest.raises(InvalidKey) as caught:
        await come(door, secret)
    assert secret not in str(caught.value)


async def test_known_keys_cost_no_look_into_the_database(
    door: Authenticator, watched: Watched, clock: Clock
) -> None:
    secret = watched.inner.create_key("local").secret
    for _ in range(100):
        await come(door, secret)
    clock.now += FRESH
    await come(door, secret)
    assert watched.asked == 1


async def test_a_crowd_with_one_key_looks_once(door: Authenticator, watched: Watched) -> None:
    secret = watched.inner.create_key("local").secret
    await asyncio.gather(*(come(door, secret) for _ in range(50)))
    assert watched.asked == 1


async def test_a_revoked_key_ends_within_the_time_stated(
    door: Authenticator, watched: Watched, clock: Clock
) -> None:
    issued = watched.inner.create_key("local")
    await come(door, issued.secret)
    watched.inner.revoke_key(issued.key.id)
    clock.now += STALE + 0.1
    with pytest.raises(KeyEnded, match="is revoked"):
        await come(door, issued.secret)


async def test_a_key_in_use_is_looked_up_beside_the_work(
    door: Authenticator, watched: Watched, clock: Clock
) -> None:
    issued = watched.inner.create_key("local")
    await come(door, issued.secret)
    watched.inner.revoke_key(issued.key.id)
    clock.now += FRESH + 0.1
    await come(door, issued.secret)  # served from memory, looked up beside
    await settled(door)
    with pytest.raises(KeyEnded):
        await come(door, issued.secret)


async def test_a_key_expires_to_the_second(door: Authenticator, directory: Directory) -> None:
    issued = directory.create_key("local", expires_at=datetime.now(UTC) + timedelta(milliseconds=300))
    while True:
        try:
            await come(door, issued.secret)
        except KeyEnded as error:
            assert "expired" in str(error)  # noqa: PT017  the loop ends here
            break
        await asyncio.sleep(0)


async def test_both_keys_of_a_rotation_work(door: Authenticator, directory: Directory) -> None:
    old = directory.create_key("local")
    new = directory.rotate_key(old.key.id, grace=timedelta(hours=1))
    assert (await come(door, old.secret)).key_id == old.key.id
    assert (await come(door, new.secret)).key_id == new.key.id


async def test_suspended_and_resumed(door: Authenticator, directory: Directory, clock: Clock) -> None:
    directory.create_tenant("north")
    secret = directory.create_key("north").secret
    directory.change_tenant("north", status=Status.SUSPENDED)
    with pytest.raises(Suspended, match="north is suspended"):
        await come(door, secret)
    directory.change_tenant("north", status=Status.ACTIVE)
    clock.now += STALE + 0.1
    assert (await come(door, secret)).tenant.name == "north"


async def test_too_many_wrong_keys_from_one_address(
    door: Authenticator, watched: Watched, clock: Clock
) -> None:
    known, fresh = watched.inner.create_key("local").secret, watched.inner.create_key("local").secret
    await come(door, known)
    for number in range(MOST):
        with pytest.raises(InvalidKey):
            await come(door, f"dgm_{number}")
    looks = watched.asked
    for secret in ("dgm_again", fresh):
        with pytest.raises(TooOften) as caught:
            await come(door, secret)
    assert 0 < caught.value.retry_after <= WINDOW
    assert watched.asked == looks
    clock.now += STALE + 0.1
    await come(door, known)  # who was let in before is not shut out by others at the same address
    await come(door, fresh, "192.0.2.2")
    clock.now += WINDOW
    await come(door, fresh)


async def test_wrong_keys_take_no_memory(door: Authenticator) -> None:
    for number in range(100):
        with pytest.raises(InvalidKey):
            await come(door, f"dgm_{number}", f"198.51.100.{number}")
    assert door._known == {}
    assert door._looking == {}


async def test_the_last_use_is_noted_once_a_minute_at_most(
    door: Authenticator, watched: Watched, clock: Clock
) -> None:
    issued = watched.inner.create_key("local")
    for _ in range(10):
        await come(door, issued.secret)
        clock.now += FRESH + 0.1
        await settled(door)
    assert watched.used == [issued.key.id]
    noted = watched.inner.keys()[0].last_used_at
    assert noted is not None
    assert datetime.now(UTC) - noted < timedelta(minutes=1)


async def test_while_the_database_is_away(
    door: Authenticator, watched: Watched, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = watched.inner.create_key("local").secret
    await come(door, secret)
    watched.broken = True
    clock.now += FRESH + 0.1
    with caplog.at_level(logging.DEBUG):
        await come(door, secret)
        await settled(door)
        clock.now += STALE
        with pytest.raises(StorageError):
            await come(door, secret)
        await settled(door)
    assert "keys cannot be looked up" in caplog.text
    assert secret not in caplog.text
    watched.broken = False
    await come(door, secret)


async def test_open_lets_callers_without_a_key_in(directory: Directory) -> None:
    door = Authenticator(directory, optional=True)
    assert await door.authenticate({}, ADDRESS) == Caller(directory.tenant("local"))
    with pytest.raises(InvalidKey):
        await door.authenticate(bearer("token-of-somebody-else"), ADDRESS)
    await door.close()


async def test_behind_a_proxy_its_own_tokens_are_no_keys_of_ours(directory: Directory) -> None:
    door = Authenticator(directory, optional=True, foreign=True)
    assert (await door.authenticate(bearer("eyJhbGciOi"), ADDRESS)).anonymous
    with pytest.raises(InvalidKey):
        await door.authenticate(bearer("dgm_wrong"), ADDRESS)
    secret = directory.create_key("local").secret
    assert not (await door.authenticate(bearer(secret), ADDRESS)).anonymous
    await door.close()

"""From the headers of a request to its Caller: nearly always from memory, at times from the database.

What the database said is served for up to STALE seconds, so that is how long a revoked key, a suspended tenant or a
changed limit can go on here; from FRESH seconds on it is asked again beside the work. What it does not know is not
remembered, so a new key works at once.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.errors import InvalidKey, KeyEnded, StorageError, Suspended, TooOften, Unauthenticated
from app.tenants.attempts import Attempts
from app.tenants.caller import Caller
from app.tenants.directory import Directory
from app.tenants.key import LONGEST, MARK, ApiKey, digest
from app.tenants.tenant import LOCAL, Status, Tenant

log = logging.getLogger("dragoman")

FRESH = 2.0
"""Seconds for which an answer of the database needs no second look."""

STALE = 5.0
"""Seconds after which it is not used."""

REMEMBERED = 10_000
"""Keys, at most."""

USED = timedelta(minutes=1)
"""How exact "last used" is: one write a minute for a key in use, not one a request."""

HOW = (
    "Send `Authorization: Bearer <key>` or `X-API-Key: <key>`. "
    "The operator makes keys with `dragoman keys create --tenant NAME`."
)
_ANONYMOUS = ""
_SCHEMES = frozenset({"bearer", "deepl-auth-key"})


@dataclass(frozen=True, slots=True)
class _Known:
    caller: Caller
    key: ApiKey | None
    digest: str
    checked: float


class Authenticator:
    """Lives on one event loop. `optional`: callers without a key are the tenant `local`.

    `foreign`: a proxy in front has keys of its own; what is not one of ours in form is none.
    """

    def __init__(
        self,
        directory: Directory,
        *,
        optional: bool,
        foreign: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._optional = optional
        self._foreign = foreign
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._attempts = Attempts()
        self._looking: dict[str, asyncio.Task[_Known | None]] = {}
        self._beside: set[asyncio.Task[None]] = set()

    async def authenticate(self, headers: Mapping[str, str], client_address: str | None) -> Caller:
        """`headers` by lower-case names. Does not wait while it knows the key.

        Raises Unauthenticated and its kinds, Suspended, TooOften, StorageError.
        """
        return await self.identify(self.presented(headers), client_address)

    async def identify(self, secret: str | None, client_address: str | None) -> Caller:
        """For a key that came by another way, such as a field of the body; None is no key."""
        if secret is None and not self._optional:
            raise Unauthenticated(f"This server needs a key. {HOW}")
        return await self.recognise(
            _ANONYMOUS if secret is None else digest(secret[:LONGEST]), client_address
        )

    async def recognise(self, place: str, client_address: str | None) -> Caller:
        """For a key that was shown before and is known by its digest."""
        known = self._known.get(place)
        now = self._clock()
        if known is None or now - known.checked > STALE:
            known = await self._checked(place, client_address or "unknown", remembered=known is not None)
        elif now - known.checked > FRESH:
            self._look(place)
        return _admitted(known)

    def presented(self, headers: Mapping[str, str]) -> str | None:
        """The key in `Authorization` or else in `X-API-Key`."""
        scheme, _, found = headers.get("authorization", "").partition(" ")
        secret = found.strip() if scheme.lower() in _SCHEMES else headers.get("x-api-key", "").strip()
        if not secret or (self._foreign and not secret.startswith(MARK)):
            return None
        return secret

    async def close(self) -> None:
        """Waits for what was begun: the database closes next."""
        await asyncio.gather(*self._looking.values(), *self._beside, return_exceptions=True)

    async def _checked(self, place: str, address: str, *, remembered: bool) -> _Known:
        """A key known before is always looked up: wrong ones from its neighbours do not shut it out."""
        wait = 0.0 if remembered or place == _ANONYMOUS else self._attempts.wait(address, self._clock())
        if wait > 0:
            raise TooOften("Too many wrong keys from this address. Come back later.", retry_after=wait)
        known = await asyncio.shield(self._look(place))
        if known is None:
            self._attempts.failed(address, self._clock())
            raise InvalidKey(f"The key is not one of this server's. {HOW}")
        return known

    def _look(self, place: str) -> "asyncio.Task[_Known | None]":
        """One look at a time for a key, however many wait for it."""
        looking = self._looking.get(place)
        if looking is None:
            looking = self._looking[place] = asyncio.create_task(self._look_up(place), context=Context())
            looking.add_done_callback(lambda task: self._looked(place, task))
        return looking

    def _looked(self, place: str, task: "asyncio.Task[_Known | None]") -> None:
        del self._looking[place]
        # Fetched so that asyncio does not complain of a refresh that nobody waits for.
        if not task.cancelled() and isinstance(task.exception(), StorageError):
            log.warning("keys cannot be looked up: %s", task.exception())

    async def _look_up(self, place: str) -> _Known | None:
        asked = self._clock()
        found = await asyncio.to_thread(self._find, place)
        if found is None:
            self._known.pop(place, None)
            return None
        key, tenant = found
        known = _Known(_caller(key, tenant), key, place, asked)
        self._remember(known)
        self._note_use(key)
        return known

    def _find(self, place: str) -> tuple[ApiKey | None, Tenant] | None:
        return (
            (None, self._directory.tenant(LOCAL)) if place == _ANONYMOUS else self._directory.find_key(place)
        )

    def _remember(self, known: _Known) -> None:
        self._known.pop(known.digest, None)
        self._known[known.digest] = known
        if len(self._known) > REMEMBERED:
            self._known.pop(next(iter(self._known)))

    def _note_use(self, key: ApiKey | None) -> None:
        now = datetime.now(UTC)
        if key is None or key.state(now) != "active":
            return
        if key.last_used_at is None or now - key.last_used_at > USED:
            self._do_beside(self._mark_used(key.id, now))

    async def _mark_used(self, key_id: str, moment: datetime) -> None:
        try:
            await asyncio.to_thread(self._directory.mark_used, {key_id: moment})
        except StorageError as error:
            log.warning("when keys were used cannot be noted: %s", error)

    def _do_beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, context=Context())
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


def _caller(key: ApiKey | None, tenant: Tenant) -> Caller:
    return Caller(tenant) if key is None else Caller(tenant, key.id, key.scopes, key.rates)


def _admitted(known: _Known) -> Caller:
    key = known.key
    if key is not None and (key.revoked_at is not None or key.expires_at is not None):
        state = key.state(datetime.now(UTC))
        if state != "active":
            raise KeyEnded(f"The key that begins with {key.prefix} is {state}. {HOW}")
    if known.caller.tenant.status is Status.SUSPENDED:
        raise Suspended(f"The tenant {known.caller.tenant.name} is suspended. Ask the operator.")
    return known.caller

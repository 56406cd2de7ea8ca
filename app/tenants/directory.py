"""Tenants and keys in the database: what an operator's commands do. Calls block.

A running service sees a change within `authentication.STALE` seconds, on every replica.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from app.audit.log import Action, record
from app.errors import InvalidRequest, NotThere
from app.ledger.rows import microseconds
from app.storage.engine import Database
from app.tenants.caller import Caller
from app.tenants.key import PREFIX, ApiKey, digest, new_id, new_secret
from app.tenants.rows import api_key, key_row, tenant_row
from app.tenants.rows import tenant as from_row
from app.tenants.tables import keys, tenants
from app.tenants.tenant import OWN_WORK, Budget, Rates, Recall, Scope, Status, Tenant, check_name


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key with its secret, which is nowhere else and cannot be had again."""

    key: ApiKey
    secret: str


class Directory:
    def __init__(self, database: Database) -> None:
        self._database = database

    def create_tenant(
        self,
        name: str,
        *,
        rates: Rates | None = None,
        budget: Budget | None = None,
        memory: Recall | None = None,
    ) -> Tenant:
        """Raises InvalidRequest for a name that cannot be, or is taken."""
        check_name(name, what="tenant")
        made = Tenant(
            name, datetime.now(UTC), rates=rates or Rates(), budget=budget or Budget(), memory=memory
        )
        with self._database.transaction() as connection:
            if _find(connection, name) is not None:
                raise InvalidRequest(f"There is a tenant {name} already. See `dragoman tenants show {name}`.")
            connection.execute(insert(tenants), [tenant_row(made)])
            record(connection, Action.TENANT_CREATED, tenant=name, details=_limits(made))
        return made

    def tenants(self) -> list[Tenant]:
        with self._database.read() as connection:
            rows = connection.execute(select(tenants).order_by(tenants.c.name)).mappings()
            return [from_row(row) for row in rows]

    def tenant(self, name: str) -> Tenant:
        """Raises NotThere."""
        with self._database.read() as connection:
            return _require(connection, name)

    def change_tenant(
        self,
        name: str,
        *,
        status: Status | None = None,
        rates: Rates | None = None,
        budget: Budget | None = None,
        memory: Recall | Literal["default"] | None = None,
    ) -> Tenant:
        """What is None stays. Raises NotThere."""
        with self._database.transaction() as connection:
            old = _require(connection, name, lock=True)
            new = replace(
                old,
                status=status or old.status,
                rates=old.rates if rates is None else rates,
                budget=old.budget if budget is None else budget,
                memory=_recall(old, memory),
            )
            connection.execute(update(tenants).where(tenants.c.name == name), tenant_row(new))
            if new != old:
                record(connection, Action.TENANT_CHANGED, tenant=name, details=_limits(new))
        return new

    def create_key(
        self,
        tenant: str,
        *,
        name: str = "",
        scopes: frozenset[Scope] = OWN_WORK,
        rates: Rates | None = None,
        expires_at: datetime | None = None,
    ) -> Issued:
        """Raises NotThere for the tenant, InvalidRequest for a key that nobody could use."""
        now = datetime.now(UTC)
        if name:
            check_name(name, what="key")
        if not scopes:
            raise InvalidRequest("A key without scopes could do nothing. Name at least one.")
        if expires_at is not None and expires_at <= now:
            raise InvalidRequest("The key would have expired already. Name a later time.")
        issued = _issue(tenant, name, now, scopes=scopes, rates=rates or Rates(), expires_at=expires_at)
        with self._database.transaction() as connection:
            _require(connection, tenant)
            _store(connection, issued)
            scoped = {"scopes": sorted(issued.key.scopes)}
            record(connection, Action.KEY_CREATED, tenant=tenant, subject=issued.key.id, details=scoped)
        return issued

    def keys(self, tenant: str | None = None) -> list[ApiKey]:
        """Raises NotThere for the tenant."""
        query = select(keys).order_by(keys.c.tenant, keys.c.created_at)
        with self._database.read() as connection:
            if tenant is not None:
                _require(connection, tenant)
                query = query.where(keys.c.tenant == tenant)
            return [api_key(row) for row in connection.execute(query).mappings()]

    def rotate_key(self, key_id: str, *, grace: timedelta) -> Issued:
        """A new key like the old one, which goes on working for `grace`. Raises NotThere, InvalidRequest."""
        now = datetime.now(UTC)
        with self._database.transaction() as connection:
            old = _require_key(connection, key_id)
            if old.state(now) != "active":
                raise InvalidRequest(f"{key_id} is {old.state(now)} and cannot be rotated. Create a new key.")
            issued = _issue(
                old.tenant, old.name, now, scopes=old.scopes, rates=old.rates, expires_at=old.expires_at
            )
            _store(connection, issued)
            ends = microseconds(min(now + grace, old.expires_at or datetime.max.replace(tzinfo=UTC)))
            connection.execute(update(keys).where(keys.c.id == key_id).values(expires_at=ends))
            record(
                connection,
                Action.KEY_ROTATED,
                tenant=old.tenant,
                subject=key_id,
                details={"new": issued.key.id},
            )
        return issued

    def revoke_key(self, key_id: str) -> ApiKey:
        """Revoking twice is no error: the first time stands. Raises NotThere."""
        with self._database.transaction() as connection:
            key = _require_key(connection, key_id)
            if key.revoked_at is None:
                key = replace(key, revoked_at=datetime.now(UTC))
                ended = microseconds(key.revoked_at or key.created_at)
                connection.execute(update(keys).where(keys.c.id == key_id).values(revoked_at=ended))
                record(connection, Action.KEY_REVOKED, tenant=key.tenant, subject=key_id)
        return key

    def find_key(self, key_digest: str) -> tuple[ApiKey, Tenant] | None:
        """The index finds a row by its digest, which tells nothing of a key; it is compared in constant time."""
        with self._database.read() as connection:
            row = connection.execute(select(keys).where(keys.c.digest == key_digest)).mappings().first()
            if row is None or not hmac.compare_digest(row["digest"], key_digest):
                return None
            return api_key(row), _require(connection, row["tenant"])

    def sender(self, tenant: str, key_id: str | None) -> Caller:
        """Whoever sent what is worked on only now. Raises NotThere for the tenant; a key that was revoked meanwhile
        limits it still.
        """
        with self._database.read() as connection:
            found = _require(connection, tenant)
            row = connection.execute(select(keys).where(keys.c.id == key_id)).mappings().first()
        if row is None:
            return Caller(found)
        key = api_key(row)
        return Caller(found, key.id, key.scopes, key.rates)

    def has_usable_key(self) -> bool:
        now = microseconds(datetime.now(UTC))
        lasting = or_(keys.c.expires_at.is_(None), keys.c.expires_at > now)
        query = select(func.count()).select_from(keys).where(and_(keys.c.revoked_at.is_(None), lasting))
        with self._database.read() as connection:
            return connection.execute(query).scalar_one() > 0

    def mark_used(self, moments: Mapping[str, datetime]) -> None:
        """The latest counts: replicas report in any order."""
        with self._database.transaction() as connection:
            for key_id, moment in moments.items():
                used = microseconds(moment)
                earlier = or_(keys.c.last_used_at.is_(None), keys.c.last_used_at < used)
                connection.execute(update(keys).where(keys.c.id == key_id, earlier).values(last_used_at=used))


def _recall(old: Tenant, memory: Recall | Literal["default"] | None) -> Recall | None:
    if memory is None:
        return old.memory
    return None if memory == "default" else memory


def _limits(tenant: Tenant) -> dict[str, object]:
    row = tenant_row(tenant)
    return {name: row[name] for name in row if name not in ("name", "created_at")}


def _issue(
    tenant: str,
    name: str,
    now: datetime,
    *,
    scopes: frozenset[Scope],
    rates: Rates,
    expires_at: datetime | None,
) -> Issued:
    secret = new_secret()
    key = ApiKey(
        new_id(), tenant, name, secret[:PREFIX], now, scopes=scopes, rates=rates, expires_at=expires_at
    )
    return Issued(key, secret)


def _store(connection: Connection, issued: Issued) -> None:
    connection.execute(insert(keys), [key_row(issued.key, digest=digest(issued.secret))])


def _find(connection: Connection, name: str, *, lock: bool = False) -> Tenant | None:
    query = select(tenants).where(tenants.c.name == name)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return None if row is None else from_row(row)


def _require(connection: Connection, name: str, *, lock: bool = False) -> Tenant:
    found = _find(connection, name, lock=lock)
    if found is None:
        raise NotThere(f"There is no tenant {name[:70]!a}. Create it with `dragoman tenants create NAME`.")
    return found


def _require_key(connection: Connection, key_id: str) -> ApiKey:
    query = select(keys).where(keys.c.id == key_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        # A secret pasted by mistake must not come back in a message.
        raise NotThere("There is no key with this id. `dragoman keys list` shows the ids.")
    return api_key(row)

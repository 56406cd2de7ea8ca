"""The tenants' data keys in the database, wrapped; unwrapped only in memory, for a while. Blocking."""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from app.errors import ConfigurationError, Suspended, Unreadable
from app.ledger.rows import microseconds
from app.storage.locks import hold
from app.tenants.tables import tenants
from app.tenants.tenant import Status
from app.vault.masters import KEY, Masters
from app.vault.tables import data_keys

KEPT = 300.0
"""Seconds that an unwrapped key is in memory: a destroyed one is out of every running service after as long."""
_ID = 8
_VERSION = 4


@dataclass(frozen=True, slots=True)
class DataKey:
    id: str
    tenant: str
    version: int
    secret: bytes = field(repr=False)
    index: bytes = field(repr=False)
    """For digests that are looked up; the same in all versions of a tenant's key."""

    @property
    def mark(self) -> bytes:
        return bytes.fromhex(self.id) + self.version.to_bytes(_VERSION, "big")


MARK = _ID + _VERSION


class Keyring:
    def __init__(self, masters: Masters, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.masters = masters
        self._clock = clock
        self._kept: dict[str, tuple[DataKey, float]] = {}
        self._lock = Lock()

    def current(self, connection: Connection, tenant: str) -> DataKey:
        """What to encrypt with, in this write transaction; made where there is none. Nobody destroys it meanwhile."""
        row = self._newest(connection, tenant)
        if row is None:
            hold(connection, f"vault of {tenant}")
            row = self._newest(connection, tenant)
        return self.make(connection, tenant) if row is None else self._unwrapped(row)

    def make(self, connection: Connection, tenant: str, *, index: bytes | None = None) -> DataKey:
        """The next version; under the lock of its vault. `index`: of the version before.

        Raises Suspended for a tenant that was erased: what was under way for it comes to nothing.
        """
        highest = select(func.max(data_keys.c.version)).where(data_keys.c.tenant == tenant)
        version = (connection.execute(highest).scalar() or 0) + 1
        status = select(tenants.c.status).where(tenants.c.name == tenant)
        if version > 1 and index is None and connection.execute(status).scalar() == Status.SUSPENDED:
            raise Suspended(f"The tenant {tenant} was erased and is suspended. Nothing new is kept for it.")
        key = DataKey(secrets.token_hex(_ID), tenant, version, os.urandom(KEY), index or os.urandom(KEY))
        master = self.masters.current
        row = {
            "tenant": tenant,
            "version": version,
            "id": key.id,
            "master": master.id,
            "wrapped": master.wrap(key.secret + key.index, context=context(tenant, key.id, version)),
            "created_at": microseconds(datetime.now(UTC)),
        }
        connection.execute(insert(data_keys), [row])
        return key

    def marked(self, connection: Connection, tenant: str, mark: bytes) -> DataKey:
        """The key that a header names, if it is this tenant's. Raises Unreadable."""
        found = self.known(connection, mark)
        if found is None or found.tenant != tenant or found.mark != mark:
            raise Unreadable(
                "A stored text is encrypted under a key that its tenant has not: it was moved, or its key destroyed."
            )
        return found

    def known(self, connection: Connection, mark: bytes) -> DataKey | None:
        """None where there is no such key, or no longer."""
        name = mark[:_ID].hex()
        with self._lock:
            kept = self._kept.get(name)
        if kept is not None and kept[1] > self._clock():
            return kept[0]
        query = select(data_keys).where(data_keys.c.id == name, data_keys.c.wrapped.is_not(None))
        row = connection.execute(query).mappings().first()
        return None if row is None else self._unwrapped(row)

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()

    def opened(self, row: RowMapping) -> DataKey:
        """Raises ConfigurationError for a master key that is not here or not the one."""
        return unwrapped(self.masters, row)

    def _unwrapped(self, row: RowMapping) -> DataKey:
        now = self._clock()
        with self._lock:
            kept = self._kept.get(row["id"])
        if kept is not None and kept[1] > now:
            return kept[0]
        key = self.opened(row)
        with self._lock:
            self._kept = {name: each for name, each in self._kept.items() if each[1] > now}
            self._kept[key.id] = (key, now + KEPT)
        return key

    def _newest(self, connection: Connection, tenant: str) -> RowMapping | None:
        # Shared with other writers; whoever destroys the key waits for them, and they for whoever destroys it.
        return connection.execute(live(tenant).limit(1).with_for_update(read=True)).mappings().first()


def unwrapped(masters: Masters, row: Mapping[Any, Any]) -> DataKey:
    """`row`: of `data_key`. Raises ConfigurationError for a master key that is not here or not the one."""
    where = context(row["tenant"], row["id"], row["version"])
    plain = masters.named(row["master"]).unwrap(bytes(row["wrapped"]), context=where)
    if len(plain) != 2 * KEY:
        raise ConfigurationError("What the master key gave back is no data key.")
    return DataKey(row["id"], row["tenant"], row["version"], plain[:KEY], plain[KEY:])


def live(tenant: str) -> Select[Any]:
    """Keys that are not destroyed, the newest first."""
    mine = select(data_keys).where(data_keys.c.tenant == tenant, data_keys.c.wrapped.is_not(None))
    return mine.order_by(data_keys.c.version.desc())


def context(tenant: str, key: str, version: int) -> bytes:
    """What a wrapped key is bound to."""
    parts = (b"dragoman data key", tenant.encode(), key.encode(), b"%d" % version)
    return b"".join(b"%d:%b" % (len(part), part) for part in parts)

"""What the database knows of a request: whether its key was charged, and the sealed answer if one is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from app.errors import Unreadable
from app.ledger.store import Recorded, Rider
from app.ledger.tables import entries
from app.replay.tables import replies
from app.storage.engine import Database
from app.storage.prepared import fetch, placed, places, room, run
from app.vault.place import Place
from app.vault.vault import Vault

MICROSECONDS = 1_000_000
PURGED = 500
"""Rows of one transaction, so that no charge waits long for the writer."""

_INSERT = insert(replies)


@dataclass(frozen=True, slots=True)
class Wanted:
    tenant: str
    keys: tuple[str, ...]
    """In the ledger; the charge may be under any of them."""


@dataclass(frozen=True, slots=True)
class Found:
    entry: str
    key: str
    digest: str
    charged_at: float
    """Seconds since 1970."""
    sealed: bytes | None = field(repr=False)
    """None: no answer is kept, or it is over."""


class ReplyStore:
    """Blocking."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def find(self, wanted: Sequence[Wanted], *, now: float) -> list[Found | None]:
        """For each the latest charge under one of its keys."""
        keys: dict[str, list[str]] = {}
        for each in wanted:
            keys.setdefault(each.tenant, []).extend(each.keys)
        found: dict[tuple[str, str], Found] = {}
        with self._database.read() as connection:
            # Tenant by tenant: SQLite looks up a list of pairs by reading the whole table.
            for tenant, mine in keys.items():
                rows = fetch(connection, _known(room(mine)), {"of": tenant, **placed("key", mine)})
                found |= {
                    (tenant, row[1]): self._opened(connection, tenant, _found(*row, now=now)) for row in rows
                }
        return [_latest(found, each) for each in wanted]

    def keeping(self, sealed: bytes, *, until: float) -> Rider:
        """Writes the answer beside its charge; not a second one, of an entry that was there already."""

        def write(connection: Connection, recorded: Recorded) -> None:
            if recorded.duplicate:
                return
            entry = recorded.entry
            stored = self._vault.seal(connection, place_of(entry.tenant, entry.id), sealed)
            row: dict[str, Any] = {"entry_id": entry.id, "expires_at": _micros(until), "sealed": stored}
            run(connection, _INSERT, [row])

        return write

    def _opened(self, connection: Connection, tenant: str, found: Found) -> Found:
        if found.sealed is None:
            return found
        try:
            plain = self._vault.open(connection, place_of(tenant, found.entry), bytes(found.sealed))
        except Unreadable:
            # As if it had not been kept: others' look-ups share this query.
            return replace(found, sealed=None)
        return replace(found, sealed=plain)

    def any(self) -> bool:
        """Whether anything was ever charged."""
        with self._database.read() as connection:
            return connection.execute(select(entries.c.id).limit(1)).first() is not None

    def purge(self, *, now: float) -> int:
        """Deletes what is over, a bounded number of rows a transaction; how many."""
        deleted = 0
        over = select(replies.c.entry_id).where(replies.c.expires_at <= _micros(now)).limit(PURGED)
        while True:
            with self._database.read() as connection:
                gone = connection.execute(over).scalars().all()
            if not gone:
                return deleted
            with self._database.transaction() as connection:
                deleted += connection.execute(delete(replies).where(replies.c.entry_id.in_(gone))).rowcount


@cache
def _known(size: int) -> Select[Any]:
    """Columns as `_found` takes them."""
    among = entries.c.idempotency_key.in_(places("key", size))
    columns = (entries.c.id, entries.c.idempotency_key, entries.c.digest, entries.c.created_at)
    return (
        select(*columns, replies.c.sealed, replies.c.expires_at)
        .join_from(entries, replies, replies.c.entry_id == entries.c.id, isouter=True)
        .where(entries.c.tenant == bindparam("of"), among)
    )


def place_of(tenant: str, entry: str) -> Place:
    return Place(tenant, "reply.sealed", entry)


def _latest(found: Mapping[tuple[str, str], Found], wanted: Wanted) -> Found | None:
    charges = [found[wanted.tenant, key] for key in wanted.keys if (wanted.tenant, key) in found]
    return max(charges, key=lambda each: each.charged_at, default=None)


def _found(
    entry: str,
    key: str,
    digest: str,
    created_at: int,
    sealed: bytes | None,
    expires_at: int | None,
    *,
    now: float,
) -> Found:
    current = expires_at is not None and expires_at > _micros(now)
    return Found(entry, key, digest, created_at / MICROSECONDS, sealed if current else None)


def _micros(moment: float) -> int:
    return int(moment * MICROSECONDS)

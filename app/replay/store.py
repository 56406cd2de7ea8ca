"""What the database knows of a request: whether its key was charged, and the sealed answer if one is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from app.ledger.store import Recorded, Rider
from app.ledger.tables import entries
from app.replay.tables import replies
from app.storage.engine import Database
from app.storage.prepared import fetch, placed, places, room, run

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

    def __init__(self, database: Database) -> None:
        self._database = database

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
                found |= {(tenant, row[1]): _found(*row, now=now) for row in rows}
        return [_latest(found, each) for each in wanted]

    def any(self) -> bool:
        """Whether anything was ever charged."""
        with self._database.read() as connection:
            return connection.execute(select(entries.c.id).limit(1)).first() is not None

    def purge(self, *, now: float) -> None:
        """Deletes what is over, a bounded number of rows a transaction."""
        over = select(replies.c.entry_id).where(replies.c.expires_at <= _micros(now)).limit(PURGED)
        while True:
            with self._database.read() as connection:
                gone = connection.execute(over).scalars().all()
            if not gone:
                return
            with self._database.transaction() as connection:
                connection.execute(delete(replies).where(replies.c.entry_id.in_(gone)))


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


def keeping(sealed: bytes, *, until: float) -> Rider:
    """Writes the answer beside its charge; not a second one, of an entry that was there already."""

    def write(connection: Connection, recorded: Recorded) -> None:
        if recorded.duplicate:
            return
        row: dict[str, Any] = {"entry_id": recorded.entry.id, "expires_at": _micros(until), "sealed": sealed}
        run(connection, _INSERT, [row])

    return write


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

"""What the database knows of a request: whether its key was charged, and the sealed answer if one is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, select, tuple_

from app.ledger.store import Recorded, Rider
from app.ledger.tables import entries
from app.replay.tables import replies
from app.storage.dialects import insert_rows
from app.storage.engine import Database

MICROSECONDS = 1_000_000
PURGED = 500
"""Rows of one transaction, so that no charge waits long for the writer."""


_KNOWN = (
    select(
        entries.c.id,
        entries.c.tenant,
        entries.c.idempotency_key,
        entries.c.digest,
        entries.c.created_at,
        replies.c.sealed,
        replies.c.expires_at,
    )
    .join_from(entries, replies, replies.c.entry_id == entries.c.id, isouter=True)
    .where(tuple_(entries.c.tenant, entries.c.idempotency_key).in_(bindparam("places", expanding=True)))
)


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
        places = [(each.tenant, key) for each in wanted for key in each.keys]
        with self._database.read() as connection:
            rows = connection.execute(_KNOWN, {"places": places}).mappings().all()
        found = {(row["tenant"], row["idempotency_key"]): _found(row, now) for row in rows}
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


def keeping(sealed: bytes, *, until: float) -> Rider:
    """Writes the answer beside its charge; not a second one, of an entry that was there already."""

    def write(connection: Connection, recorded: Recorded) -> None:
        if recorded.duplicate:
            return
        row: dict[str, Any] = {"entry_id": recorded.entry.id, "expires_at": _micros(until), "sealed": sealed}
        insert_rows(connection, replies, [row])

    return write


def _latest(found: Mapping[tuple[str, str], Found], wanted: Wanted) -> Found | None:
    charges = [found[wanted.tenant, key] for key in wanted.keys if (wanted.tenant, key) in found]
    return max(charges, key=lambda each: each.charged_at, default=None)


def _found(row: RowMapping, now: float) -> Found:
    current = row["sealed"] is not None and row["expires_at"] > _micros(now)
    return Found(
        entry=row["id"],
        key=row["idempotency_key"],
        digest=row["digest"],
        charged_at=row["created_at"] / MICROSECONDS,
        sealed=bytes(row["sealed"]) if current else None,
    )


def _micros(moment: float) -> int:
    return int(moment * MICROSECONDS)

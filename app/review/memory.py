"""Translation memories in the database, each tenant's own: what people wrote for a text. Blocking."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select

from app.errors import NotThere
from app.ledger.rows import microseconds, moment_of
from app.review.tables import memories
from app.storage.engine import Database
from app.storage.locks import hold
from app.vault.place import Place
from app.vault.vault import Vault

ALIKE = 70.0
"""Likeness (rapidfuzz's ratio, 0 to 100) from which an entry is shown."""
MOST_SHOWN = 3
_SEARCHED = 5_000
"""Entries of a language pair that are compared, the newest."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    source: str
    target: str
    source_text: str
    target_text: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    entry: Entry
    score: float
    """0 to 100; 100 is the very text."""


class Memory:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime], retention: timedelta, vault: Vault
    ) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._retention = retention

    def put(self, connection: Connection, tenant: str, pair: tuple[str, str], texts: tuple[str, str]) -> None:
        """In place of what was said of the same text before; within the caller's transaction."""
        now = self._now()
        hold(connection, f"memory of {tenant}")
        entry, plain = str(uuid.uuid4()), plain_digest(texts[0])
        keyed = self._vault.digest(connection, tenant, texts[0])
        same = and_(
            memories.c.tenant == tenant,
            memories.c.source == pair[0],
            memories.c.target == pair[1],
            memories.c.digest.in_({plain, keyed or plain}),
        )
        connection.execute(delete(memories).where(same))
        row = {
            "id": entry,
            "tenant": tenant,
            "source": pair[0],
            "target": pair[1],
            "digest": keyed or plain,
            "source_text": self._vault.seal_text(connection, text_of(tenant, entry, "source_text"), texts[0]),
            "target_text": self._vault.seal_text(connection, text_of(tenant, entry, "target_text"), texts[1]),
            "changed_at": microseconds(now),
            "expires_at": microseconds(now + self._retention),
        }
        connection.execute(insert(memories), [row])

    def entries(
        self, tenant: str, *, pair: tuple[str, str] | None = None, limit: int | None = None
    ) -> list[Entry]:
        """The newest first."""
        query = select(memories).where(self._mine(tenant))
        if pair is not None:
            query = query.where(memories.c.source == pair[0], memories.c.target == pair[1])
        query = query.order_by(memories.c.changed_at.desc(), memories.c.id).limit(limit)
        with self._database.read() as connection:
            return [self._entry(connection, row) for row in connection.execute(query).mappings().all()]

    def searchable(self, tenant: str, pair: tuple[str, str]) -> list[Entry]:
        return self.entries(tenant, pair=pair, limit=_SEARCHED)

    def forget(self, tenant: str, entry: str | None = None) -> int:
        """One entry, or all of the tenant's; how many there were. Raises NotThere for one that is not there."""
        mine = [memories.c.tenant == tenant] + ([] if entry is None else [memories.c.id == entry])
        gone = self._database.attempt(
            lambda connection: connection.execute(delete(memories).where(*mine)).rowcount
        )
        if entry is not None and not gone:
            raise NotThere("There is no such entry.")
        return gone

    def _entry(self, connection: Connection, row: RowMapping) -> Entry:
        source, target = (
            self._vault.open_text(connection, text_of(row["tenant"], row["id"], column), row[column])
            for column in ("source_text", "target_text")
        )
        return Entry(row["id"], row["source"], row["target"], source, target, moment_of(row["changed_at"]))

    def _mine(self, tenant: str) -> ColumnElement[bool]:
        """What is past its time is not shown, even before it is deleted."""
        return and_(memories.c.tenant == tenant, memories.c.expires_at > microseconds(self._now()))


def text_of(tenant: str, entry: str, column: str) -> Place:
    return Place(tenant, f"memory_entry.{column}", entry)


def plain_digest(text: str) -> str:
    """Of an entry that is not encrypted."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def matches(text: str, entries: Sequence[Entry]) -> list[Match]:
    """Those most alike first."""
    found = process.extract(
        text,
        [each.source_text for each in entries],
        scorer=fuzz.ratio,
        limit=MOST_SHOWN,
        score_cutoff=ALIKE,
    )
    # Rounding must not make the very text of what only resembles it.
    return [
        Match(entries[place], score if score == 100 else min(round(score, 1), 99.9))
        for _, score, place in found
    ]

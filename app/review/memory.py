"""Translation memories in the database, each tenant's own: what people wrote for a text. Blocking.

Of several corrections of one text into one language the last to be written down is the entry: there is one at most. An
entry never changes, another takes its place; whatever changes a tenant's entries makes a new version of its memory.
"""

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from app.audit.log import Action, record
from app.errors import NotThere
from app.ledger.rows import microseconds, moment_of
from app.review import cursor
from app.review.tables import memories, versions
from app.storage.engine import Database
from app.storage.locks import hold
from app.vault.place import Place
from app.vault.vault import Vault

_SEARCHED = 5_000
"""Entries of a language pair that are compared, the newest."""
_AT_ONCE = 500
"""Texts looked up in one query."""
PAGE = 1_000

Wanted = tuple[str, str, str]
"""Language of the source, of the target, and the source text."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    source: str
    target: str
    source_text: str
    target_text: str
    changed_at: datetime
    key_id: str | None = None
    """Of whoever corrected it."""
    place: str | None = None
    """The segment that was corrected."""


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    next: str | None
    """Where the next page begins; None on the last."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one version of a memory has for some texts."""

    version: int
    entries: Mapping[Wanted, Entry]


class Memory:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime], retention: timedelta, vault: Vault
    ) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._retention = retention

    def put(
        self,
        connection: Connection,
        tenant: str,
        pair: tuple[str, str],
        texts: tuple[str, str],
        *,
        key_id: str | None = None,
        place: str | None = None,
    ) -> None:
        """In place of what was said of the same text before; within the caller's transaction."""
        now = self._now()
        _changing(connection, tenant)
        entry, digests = str(uuid.uuid4()), self._digests(connection, tenant, texts[0])
        same = and_(
            memories.c.tenant == tenant,
            memories.c.source == pair[0],
            memories.c.target == pair[1],
            memories.c.digest.in_(digests),
        )
        connection.execute(delete(memories).where(same))
        row = {
            "id": entry,
            "tenant": tenant,
            "source": pair[0],
            "target": pair[1],
            "digest": digests[-1],
            "source_text": self._vault.seal_text(connection, text_of(tenant, entry, "source_text"), texts[0]),
            "target_text": self._vault.seal_text(connection, text_of(tenant, entry, "target_text"), texts[1]),
            "changed_at": microseconds(now),
            "expires_at": microseconds(now + self._retention),
            "key_id": key_id,
            "place": place,
        }
        connection.execute(insert(memories), [row])

    def withdraw(self, connection: Connection, tenant: str, place: str) -> None:
        """What was said of this very segment, once it is decided otherwise; within the caller's transaction."""
        mine = and_(memories.c.tenant == tenant, memories.c.place == place)
        if connection.execute(select(memories.c.id).where(mine)).first() is not None:
            _changing(connection, tenant)
            connection.execute(delete(memories).where(mine))

    def version(self, tenant: str) -> int:
        """0 before the first entry."""
        with self._database.read() as connection:
            return _version(connection, tenant)

    def exact(self, tenant: str, wanted: Collection[Wanted]) -> Known:
        """What there is for these very texts, code point by code point, at one moment."""
        found: dict[Wanted, Entry] = {}
        with self._database.read() as connection:
            for pair in sorted({each[:2] for each in wanted}):
                texts = sorted({each[2] for each in wanted if each[:2] == pair})
                for start in range(0, len(texts), _AT_ONCE):
                    some = texts[start : start + _AT_ONCE]
                    digests = {each for text in some for each in self._digests(connection, tenant, text)}
                    query = select(memories).where(self._of(tenant, pair), memories.c.digest.in_(digests))
                    entries = self._entries(connection, query)
                    found.update(((*pair, entry.source_text), entry) for entry in entries)
            return Known(_version(connection, tenant), found)

    def page(self, tenant: str, *, after: str | None = None, limit: int = PAGE) -> Page:
        """The newest first. Raises InvalidRequest for an `after` that no page gave."""
        query = select(memories).where(self._of(tenant))
        if after is not None:
            moment, name = cursor.read(after)
            same = and_(memories.c.changed_at == moment, memories.c.id > name)
            query = query.where(or_(memories.c.changed_at < moment, same))
        query = query.order_by(memories.c.changed_at.desc(), memories.c.id).limit(limit + 1)
        with self._database.read() as connection:
            entries = self._entries(connection, query)
        more = len(entries) > limit
        last = entries[limit - 1] if more else None
        place = None if last is None else cursor.written(microseconds(last.changed_at), last.id)
        return Page(entries[:limit], place)

    def every(self, tenant: str) -> Iterator[Entry]:
        """Page by page, so that memory stays flat; what is written meanwhile may be missing."""
        after: str | None = None
        while True:
            page = self.page(tenant, after=after)
            yield from page.entries
            if (after := page.next) is None:
                return

    def searchable(self, tenant: str, pair: tuple[str, str]) -> list[Entry]:
        query = select(memories).where(self._of(tenant, pair))
        query = query.order_by(memories.c.changed_at.desc(), memories.c.id).limit(_SEARCHED)
        with self._database.read() as connection:
            return self._entries(connection, query)

    def forget(
        self,
        tenant: str,
        *,
        entry: str | None = None,
        job: str | None = None,
        before: datetime | None = None,
        key_id: str | None = None,
    ) -> int:
        """For good what all of these name: one entry, what corrections of a document left, what is older; all entries
        where nothing is named. How many there were. Raises NotThere for an entry that is not there.
        """
        mine = [memories.c.tenant == tenant]
        mine += [] if entry is None else [memories.c.id == entry]
        mine += [] if job is None else [memories.c.place.startswith(f"{job}.", autoescape=True)]
        mine += [] if before is None else [memories.c.changed_at < microseconds(before)]

        def work(connection: Connection) -> int:
            _changing(connection, tenant)
            gone = connection.execute(delete(memories).where(*mine)).rowcount
            if entry is not None and not gone:
                raise NotThere("There is no such entry.")
            details: dict[str, object] = {"entries": gone}
            if before is not None:
                details["before"] = before.isoformat()
            record(
                connection, Action.MEMORY_ERASED, tenant=tenant, subject=entry or job, key_id=key_id, details=details
            )  # fmt: skip
            return gone

        return self._database.attempt(work)

    def expire(self, connection: Connection) -> int:
        """How many entries were deleted."""
        due = memories.c.expires_at <= microseconds(self._now())
        tenants = select(memories.c.tenant).where(due).distinct().order_by(memories.c.tenant)
        gone = 0
        for tenant in connection.execute(tenants).scalars().all():
            _changing(connection, tenant)
            gone += connection.execute(delete(memories).where(due, memories.c.tenant == tenant)).rowcount
        return gone

    def _entries(self, connection: Connection, query: Select[Any]) -> list[Entry]:
        return [self._entry(connection, row) for row in connection.execute(query).mappings().all()]

    def _entry(self, connection: Connection, row: RowMapping) -> Entry:
        source, target = (
            self._vault.open_text(connection, text_of(row["tenant"], row["id"], column), row[column])
            for column in ("source_text", "target_text")
        )
        moment = moment_of(row["changed_at"])
        return Entry(
            row["id"], row["source"], row["target"], source, target, moment, row["key_id"], row["place"]
        )

    def _digests(self, connection: Connection, tenant: str, text: str) -> list[str]:
        """Under which an entry may stand, the one that it is written under last: with a key, there may be others from
        before there was one.
        """
        keyed = self._vault.digest(connection, tenant, text)
        return [plain_digest(text), *([] if keyed is None else [keyed])]

    def _of(self, tenant: str, pair: tuple[str, str] | None = None) -> ColumnElement[bool]:
        """What is past its time is not there, even before it is deleted."""
        mine = [memories.c.tenant == tenant, memories.c.expires_at > microseconds(self._now())]
        if pair is not None:
            mine += [memories.c.source == pair[0], memories.c.target == pair[1]]
        return and_(*mine)


def _changing(connection: Connection, tenant: str) -> None:
    """One at a time, and a new version."""
    hold(connection, f"memory of {tenant}")
    mine = update(versions).where(versions.c.tenant == tenant).values(version=versions.c.version + 1)
    if connection.execute(mine).rowcount == 0:
        connection.execute(insert(versions).values(tenant=tenant, version=1))


def _version(connection: Connection, tenant: str) -> int:
    found = connection.execute(select(versions.c.version).where(versions.c.tenant == tenant)).scalar()
    return found or 0


def text_of(tenant: str, entry: str, column: str) -> Place:
    return Place(tenant, f"memory_entry.{column}", entry)


def plain_digest(text: str) -> str:
    """Of an entry that is not encrypted."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

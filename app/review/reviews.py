"""The queue of flagged segments, and what people decide of them. Blocking.

The queue is read from the jobs' own chunks: nothing of a text is stored twice, and what is deleted with a job is out of
the queue with it. Only a correction leaves text behind, in the tenant's memory.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, case, delete, func, insert, select

from app.errors import NotThere, StorageError
from app.flags import FACTS
from app.jobs.job import ChunkState, Kind
from app.jobs.tables import chunks, jobs
from app.jobs.texts import opened_chunk, opened_name
from app.ledger.rows import microseconds
from app.review.memory import Match, Memory, matches
from app.review.tables import memories, verdicts
from app.review.verdict import Decision, Place, Verdict
from app.settings import Settings
from app.storage.engine import Database
from app.storage.locks import hold
from app.vault.vault import Vault

log = logging.getLogger("dragoman")
TENDING = 600.0
"""Seconds between two looks for what is past its time."""
Shown = Literal["open", "escalated"]


@dataclass(frozen=True, slots=True)
class Item:
    place: Place
    source: str
    """Language; so is target."""
    target: str
    source_text: str
    text: str
    flags: tuple[str, ...]
    models: tuple[str, ...]
    where: str
    """In the document."""
    document: str
    matches: Sequence[Match] = field(default=())


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often people left what was flagged as it stood."""

    source: str
    target: str
    models: str
    accepted: int
    corrected: int
    escalated: int

    @property
    def share(self) -> float | None:
        """Accepted of those accepted or corrected, 0 to 1; None where there are none."""
        judged = self.accepted + self.corrected
        return self.accepted / judged if judged else None


class Reviews:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime], retention: timedelta, vault: Vault
    ) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._retention = retention
        self.memory = Memory(database, now=now, retention=retention, vault=vault)

    def queue(self, tenant: str, *, shown: Shown = "open", job: str | None = None, limit: int) -> list[Item]:
        """Of the oldest documents first, in their order, with what the memory has to say."""
        found: list[Item] = []
        with self._database.read() as connection:
            for row in connection.execute(_flagged(tenant, job)).mappings():
                decided = _decided(connection, row["job"], row["number"])
                items = self._items(connection, row)
                wanted = (each for each in items if _belongs(decided.get(each.place), shown))
                found += list(wanted)[: limit - len(found)]
                if len(found) == limit:
                    break
        return self._with_matches(tenant, found)

    def decide(self, tenant: str, place: Place, decision: Decision, *, key_id: str | None = None) -> Item:
        """The newest decision counts. Raises NotThere, for another tenant's segment and for deleted text too."""

        def work(connection: Connection) -> Item:
            hold(connection, f"review of {place.job}")
            item = self._find(connection, tenant, place)
            now = self._now()
            connection.execute(delete(verdicts).where(*_here(place)))
            row = {
                "job": place.job,
                "chunk": place.chunk,
                "unit": place.unit,
                "segment": place.segment,
                "tenant": tenant,
                "source": item.source,
                "target": item.target,
                "models": "+".join(item.models),
                "verdict": decision.verdict,
                "reason": decision.reason,
                "decided_at": microseconds(now),
                "key_id": key_id,
                "expires_at": microseconds(now + self._retention),
            }
            connection.execute(insert(verdicts), [row])
            if decision.text is not None:
                self.memory.put(
                    connection, tenant, (item.source, item.target), (item.source_text, decision.text.strip())
                )
            return item

        return self._database.attempt(work)

    def agreement(self, tenant: str) -> list[Agreement]:
        by = (verdicts.c.source, verdicts.c.target, verdicts.c.models)
        counts = [
            func.sum(case((verdicts.c.verdict == each, 1), else_=0)).label(each.value) for each in Verdict
        ]
        query = select(*by, *counts).where(
            verdicts.c.tenant == tenant, verdicts.c.expires_at > microseconds(self._now())
        )
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(*by).order_by(*by)).all()
        return [Agreement(*row[:3], *map(int, row[3:])) for row in rows]

    def expire(self) -> None:
        """Deletes verdicts and entries that are past their time."""
        before = microseconds(self._now())

        def work(connection: Connection) -> None:
            for table in (verdicts, memories):
                connection.execute(delete(table).where(table.c.expires_at <= before))

        self._database.attempt(work)

    async def tend(self) -> None:
        """Deletes what is past its time, for as long as the service runs."""
        while True:
            try:
                await asyncio.to_thread(self.expire)
            except StorageError as error:
                log.error("%s", error)
            await asyncio.sleep(TENDING)

    def _items(self, connection: Connection, row: RowMapping) -> Iterator[Item]:
        place = (row["tenant"], row["job"], row["number"])
        units = opened_chunk(self._vault, connection, place, "units", row["units"])
        results = opened_chunk(self._vault, connection, place, "result", row["result"])
        document = opened_name(self._vault, connection, row["tenant"], job=row["job"], stored=row["name"])
        return _flagged_items(row, units, results, document=document or row["job"])

    def _find(self, connection: Connection, tenant: str, place: Place) -> Item:
        query = _flagged(tenant, place.job).where(chunks.c.number == place.chunk)
        row = connection.execute(query).mappings().first()
        items = () if row is None else self._items(connection, row)
        found = next((each for each in items if each.place == place), None)
        if found is None:
            raise NotThere("There is no such segment.")
        return found

    def _with_matches(self, tenant: str, items: Sequence[Item]) -> list[Item]:
        pairs = {(each.source, each.target) for each in items}
        known = {pair: self.memory.searchable(tenant, pair) for pair in pairs}
        return [
            Item(
                **{name: getattr(each, name) for name in Item.__slots__ if name != "matches"},
                matches=matches(each.source_text, known[each.source, each.target]),
            )
            for each in items
        ]


def open_reviews(settings: Settings, database: Database, vault: Vault) -> Reviews:
    retention = timedelta(days=settings.review_days)
    return Reviews(database, now=lambda: datetime.now(UTC), retention=retention, vault=vault)


def _flagged(tenant: str, job: str | None) -> Any:
    query = (
        select(
            chunks.c.tenant,
            chunks.c.job,
            chunks.c.number,
            chunks.c.units,
            chunks.c.result,
            jobs.c.target,
            jobs.c.name,
        )
        .join_from(chunks, jobs, chunks.c.job == jobs.c.id)
        .where(
            chunks.c.tenant == tenant,
            chunks.c.kind == Kind.TRANSLATE,
            chunks.c.state == ChunkState.DONE,
            chunks.c.flags != "{}",
            chunks.c.result.is_not(None),
        )
    )
    if job is not None:
        query = query.where(chunks.c.job == job)
    return query.order_by(jobs.c.created_at, jobs.c.id, chunks.c.number)


def _flagged_items(
    row: RowMapping, units: Sequence[Any], results: Sequence[Any], *, document: str
) -> Iterator[Item]:
    for number, (unit, result) in enumerate(zip(units, results, strict=True)):
        for index, segment in enumerate(result["segments"]):
            if FACTS.issuperset(segment["flags"]):
                continue
            yield Item(
                Place(row["job"], row["number"], number, index),
                segment["source"],
                row["target"],
                unit[0][segment["start"] : segment["end"]].strip(),
                segment["text"].strip(),
                tuple(segment["flags"]),
                # Chunks translated by an earlier release have none for each segment.
                tuple(segment.get("models") or result["models"]),
                unit[1],
                document,
            )


def _here(place: Place) -> list[Any]:
    return [
        verdicts.c.job == place.job,
        verdicts.c.chunk == place.chunk,
        verdicts.c.unit == place.unit,
        verdicts.c.segment == place.segment,
    ]


def _decided(connection: Connection, job: str, chunk: int) -> Mapping[Place, str]:
    query = select(verdicts.c.unit, verdicts.c.segment, verdicts.c.verdict)
    rows = connection.execute(query.where(verdicts.c.job == job, verdicts.c.chunk == chunk))
    return {Place(job, chunk, unit, segment): verdict for unit, segment, verdict in rows}


def _belongs(verdict: str | None, shown: Shown) -> bool:
    return verdict is None if shown == "open" else verdict == Verdict.ESCALATED

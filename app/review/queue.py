"""The queue of flagged segments, read from the jobs' own chunks: nothing of a text is stored twice, and what is deleted
with a job is out of the queue with it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, select, tuple_

from app.errors import InvalidRequest, NotThere
from app.flags import FACTS
from app.jobs.job import ChunkState, Kind
from app.jobs.tables import chunks, jobs
from app.jobs.texts import opened_chunk, opened_name
from app.review import cursor
from app.review.likeness import Match
from app.review.tables import verdicts
from app.review.verdict import Place, Verdict
from app.vault.vault import Vault

Shown = Literal["open", "escalated"]
SCANNED = 200
"""Chunks that are looked through for one page, at most: some 20,000 segments."""
_READ = 20
"""Chunks that are read at once."""
_END = 999_999_999
"""Behind the last unit and segment of any chunk."""


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
class Page:
    items: list[Item]
    next: str | None
    """Where the next page begins; None on the last."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Of the chunks that hold the segments, in one transaction."""

    vault: Vault
    connection: Connection

    def items(self, row: RowMapping) -> Iterator[Item]:
        """The segments of a chunk that are in doubt."""
        place = (row["tenant"], row["job"], row["number"])
        units = opened_chunk(self.vault, self.connection, place, "units", row["units"])
        results = opened_chunk(self.vault, self.connection, place, "result", row["result"])
        name = opened_name(self.vault, self.connection, row["tenant"], job=row["job"], stored=row["name"])
        return _doubtful(row, units, results, document=name or row["job"])


def page(
    reading: Reading, tenant: str, *, shown: Shown, job: str | None, after: str | None, limit: int
) -> Page:
    """Of the oldest documents first, in their order. Short, or empty, where much has been decided already: then `next`
    goes on behind what was looked through. Raises InvalidRequest.
    """
    query, begun = _flagged(tenant, job), None
    if after is not None:
        moment, begun = _beginning(after)
        here = tuple_(jobs.c.created_at, jobs.c.id, chunks.c.number)
        there = tuple_(moment, begun.job, begun.chunk)
        query = query.where(here > there if begun.unit == _END else here >= there)
    found: list[Item] = []
    looked, last = 0, ""
    for mark, item in _looked_through(reading, query.limit(SCANNED), shown):
        if item is None:
            looked, behind = looked + 1, mark
        elif begun is None or not _before(item.place, begun):
            if len(found) == limit:
                return Page(found, last)
            found.append(item)
            last = mark
    return Page(found, behind if looked == SCANNED else None)


def _looked_through(reading: Reading, query: Select[Any], shown: Shown) -> Iterator[tuple[str, Item | None]]:
    """What belongs into the queue, each with the cursor behind it; None at the end of every chunk."""
    with reading.connection.execute(query.execution_options(yield_per=_READ)) as rows:
        for some in rows.mappings().partitions():
            decided = _decided(reading.connection, {row["job"] for row in some})
            for row in some:
                for item in reading.items(row):
                    if _belongs(decided, item.place, shown):
                        yield cursor.written(row["created_at"], str(item.place)), item
                end = Place(row["job"], row["number"], _END, _END)
                yield cursor.written(row["created_at"], str(end)), None


def find(reading: Reading, tenant: str, place: Place) -> Item:
    """Its document cannot be deleted until the transaction ends. Raises NotThere."""
    query = _flagged(tenant, place.job).where(chunks.c.number == place.chunk)
    row = reading.connection.execute(query.with_for_update(of=chunks)).mappings().first()
    doubts = () if row is None else reading.items(row)
    found = next((each for each in doubts if each.place == place), None)
    if found is None:
        raise NotThere("There is no such segment.")
    return found


def _doubtful(
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


def _flagged(tenant: str, job: str | None) -> Select[Any]:
    query = (
        select(
            chunks.c.tenant,
            chunks.c.job,
            chunks.c.number,
            chunks.c.units,
            chunks.c.result,
            jobs.c.target,
            jobs.c.name,
            jobs.c.created_at,
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


def _beginning(after: str) -> tuple[int, Place]:
    moment, name = cursor.read(after)
    try:
        return moment, Place.of(name)
    except NotThere:
        raise InvalidRequest("`after` is the `next` of an earlier page.") from None


def _before(place: Place, begun: Place) -> bool:
    """Whether it was on an earlier page."""
    if (place.job, place.chunk) != (begun.job, begun.chunk):
        return False
    return (place.unit, place.segment) <= (begun.unit, begun.segment)


def _decided(connection: Connection, named: Collection[str]) -> Mapping[Place, str]:
    place = (verdicts.c.job, verdicts.c.chunk, verdicts.c.unit, verdicts.c.segment)
    rows = connection.execute(select(*place, verdicts.c.verdict).where(verdicts.c.job.in_(named)))
    return {Place(*row[:4]): row[4] for row in rows}


def _belongs(decided: Mapping[Place, str], place: Place, shown: Shown) -> bool:
    verdict = decided.get(place)
    return verdict is None if shown == "open" else verdict == Verdict.ESCALATED

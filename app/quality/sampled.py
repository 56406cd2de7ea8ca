"""The translated segments of a tenant's documents, as far as their texts are still there. Blocking."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from app.flags import FACTS
from app.jobs.job import ChunkState, Kind
from app.jobs.tables import chunks, jobs
from app.jobs.texts import opened_chunk
from app.review.verdict import Place
from app.storage.engine import Database
from app.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Segment:
    place: Place
    source: str
    """Language; so is target."""
    target: str
    models: tuple[str, ...]
    flagged: bool
    source_text: str
    text: str


class Segments:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def all(self, tenant: str, pair: tuple[str, str] | None) -> Iterator[Segment]:
        """Document by document, so that no transaction lasts; what a model translated, of one pair if it is named."""
        query = select(jobs.c.id).where(jobs.c.tenant == tenant, jobs.c.name.is_not(None))
        if pair is not None:
            query = query.where(jobs.c.target == pair[1])
        with self._database.read() as connection:
            known = list(connection.scalars(query.order_by(jobs.c.created_at, jobs.c.id)))
        for job in known:
            with self._database.read() as connection:
                rows = connection.execute(_chunks(tenant, job)).mappings().all()
                found = [each for row in rows for each in self._read(connection, row)]
            yield from (each for each in found if pair is None or (each.source, each.target) == pair)

    def at(self, connection: Connection, tenant: str, places: Sequence[Place]) -> dict[Place, Segment]:
        """Those whose texts are still there."""
        found: dict[Place, Segment] = {}
        for job, number in sorted({(each.job, each.chunk) for each in places}):
            rows = connection.execute(_chunks(tenant, job).where(chunks.c.number == number)).mappings().all()
            found |= {each.place: each for row in rows for each in self._read(connection, row)}
        return {place: found[place] for place in places if place in found}

    def _read(self, connection: Connection, row: RowMapping) -> Iterator[Segment]:
        where = (row["tenant"], row["job"], row["number"])
        units = opened_chunk(self._vault, connection, where, "units", row["units"])
        results = opened_chunk(self._vault, connection, where, "result", row["result"])
        for number, (unit, result) in enumerate(zip(units, results, strict=True)):
            for index, each in enumerate(result["segments"]):
                # Chunks translated by an earlier release have none for each segment.
                models = each["models"] if "models" in each else result["models"]
                if models and not each.get("error"):
                    yield Segment(
                        Place(row["job"], row["number"], number, index),
                        each["source"],
                        row["target"],
                        tuple(models),
                        not FACTS.issuperset(each["flags"]),
                        unit[0][each["start"] : each["end"]].strip(),
                        each["text"].strip(),
                    )


def _chunks(tenant: str, job: str) -> Select[Any]:
    columns = (chunks.c.tenant, chunks.c.job, chunks.c.number, chunks.c.units, chunks.c.result, jobs.c.target)
    return (
        select(*columns)
        .join_from(chunks, jobs, chunks.c.job == jobs.c.id)
        .where(
            chunks.c.tenant == tenant,
            chunks.c.job == job,
            chunks.c.kind == Kind.TRANSLATE,
            chunks.c.state == ChunkState.DONE,
            chunks.c.result.is_not(None),
        )
        .order_by(chunks.c.number)
    )

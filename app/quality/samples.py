"""Random samples of translated segments for people to rate. Blocking.

A sample holds places and figures, never text: what is to be rated is read from the documents' own chunks, and is gone
with them. Which segments are drawn is decided by the SHA-256 of the recorded seed and each segment's place, so every
translated segment has the same chance, and the draw can be repeated.
"""

import hashlib
import heapq
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, case, delete, func, insert, select, update

from app.errors import InvalidRequest, NotThere
from app.jobs.tables import jobs
from app.ledger.rows import microseconds, moment_of
from app.quality.rating import Rated, Rating
from app.quality.sampled import Segment, Segments
from app.quality.tables import sampled, samples
from app.review.verdict import Place
from app.storage.engine import Database
from app.vault.vault import Vault

MOST = 2_000
"""Segments of a sample; 400 give a share to within 5 in 100."""
LONGEST_SEED = 100


@dataclass(frozen=True, slots=True)
class Sample:
    id: str
    created_at: datetime
    seed: str
    size: int
    """Asked for."""
    drawn: int
    population: int
    """Segments it was drawn from."""
    pair: tuple[str, str] | None
    rated: int
    waiting: int
    """Drawn, not rated, and their texts still there when it was last looked; the rest is lost."""


class Samples:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime], retention: timedelta, vault: Vault
    ) -> None:
        self._database = database
        self._now = now
        self._retention = retention
        self._segments = Segments(database, vault)

    def draw(
        self,
        tenant: str,
        size: int,
        *,
        pair: tuple[str, str] | None = None,
        seed: str | None = None,
        key_id: str | None = None,
    ) -> Sample:
        """Raises InvalidRequest, also where there is nothing to draw from."""
        chosen = secrets.token_hex(8) if seed is None else seed
        _check(size, chosen)
        population, found = drawn(self._segments.all(tenant, pair), size, chosen)
        if not found:
            raise InvalidRequest("There are no translated segments whose texts are still kept to draw from.")
        now = self._now()
        row: dict[str, Any] = {
            "id": f"sample_{secrets.token_hex(8)}",
            "tenant": tenant,
            "created_at": microseconds(now),
            "seed": chosen,
            "size": size,
            "drawn": len(found),
            "population": population,
            "source": pair[0] if pair else None,
            "target": pair[1] if pair else None,
            "key_id": key_id,
            "expires_at": microseconds(now + self._retention),
        }

        def work(connection: Connection) -> None:
            connection.execute(insert(samples), [row])
            connection.execute(
                insert(sampled), [_row(row["id"], number, each) for number, each in enumerate(found)]
            )

        self._database.attempt(work)
        return self.get(tenant, row["id"])

    def all(self, tenant: str) -> list[Sample]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(self._mine(tenant).order_by(samples.c.created_at.desc(), samples.c.id))
            return [_sample(row) for row in rows.mappings()]

    def get(self, tenant: str, sample: str) -> Sample:
        """Raises NotThere, for another tenant's sample too."""
        with self._database.read() as connection:
            row = connection.execute(self._mine(tenant).where(samples.c.id == sample)).mappings().first()
        if row is None:
            raise NotThere("There is no such sample.")
        return _sample(row)

    def waiting(self, tenant: str, *, sample: str | None = None, limit: int) -> list[tuple[str, Segment]]:
        """Segments to be rated, each with its sample's id, the oldest sample first, in the order of the draw: who stops
        in the midst has rated a random part.
        """
        mine = [samples.c.tenant == tenant, samples.c.expires_at > microseconds(self._now())]
        if sample is not None:
            self.get(tenant, sample)
            mine.append(samples.c.id == sample)
        places = (sampled.c.job, sampled.c.chunk, sampled.c.unit, sampled.c.segment)
        query = (
            select(samples.c.id, *places)
            .join_from(samples, sampled, sampled.c.sample == samples.c.id)
            .where(*mine, sampled.c.rating.is_(None))
            .order_by(samples.c.created_at, samples.c.id, sampled.c.number)
        )
        found: list[tuple[str, Segment]] = []
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            # Those whose texts are gone are passed over.
            for start in range(0, len(rows), limit):
                part = [(row[0], Place(*row[1:])) for row in rows[start : start + limit]]
                known = self._segments.at(connection, tenant, [place for _, place in part])
                found += [(name, known[place]) for name, place in part if place in known]
                if len(found) >= limit:
                    break
        return found[:limit]

    def rate(
        self, tenant: str, sample: str, place: Place, rating: Rating, *, key_id: str | None = None
    ) -> None:
        """The newest rating counts. Raises NotThere, also where the text is gone: nobody can have read it."""

        def work(connection: Connection) -> None:
            if place not in self._segments.at(connection, tenant, [place]):
                raise NotThere("There is no such segment in the sample, or its text is gone.")
            mine = select(samples.c.id).where(samples.c.id == sample, samples.c.tenant == tenant)
            changed = connection.execute(
                update(sampled)
                .where(sampled.c.sample.in_(mine), *_here(place))
                .values(rating=rating, rated_at=microseconds(self._now()), key_id=key_id)
            )
            if not changed.rowcount:
                raise NotThere("There is no such segment in the sample, or its text is gone.")

        self._database.attempt(work)

    def ratings(
        self,
        *,
        tenant: str | None,
        since: datetime,
        pair: tuple[str, str] | None = None,
        model: str | None = None,
    ) -> list[Rated]:
        """Of samples drawn from then on, each with the segments that it stands for."""
        wanted = [
            samples.c.created_at >= microseconds(since),
            samples.c.expires_at > microseconds(self._now()),
        ]
        if tenant is not None:
            wanted.append(samples.c.tenant == tenant)
        number = func.count().over(partition_by=samples.c.id)
        query = (
            select(sampled, samples.c.population, number.label("rated"))
            .join_from(sampled, samples, sampled.c.sample == samples.c.id)
            .where(*wanted, sampled.c.rating.is_not(None))
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            each
            for each in map(_rated, rows)
            if (pair is None or (each.source, each.target) == pair)
            and (model is None or model in each.models.split("+"))
        ]

    def expire(self, connection: Connection) -> int:
        """Deletes samples past their time, how many; and of the others what can no longer be rated."""
        old = select(samples.c.id).where(samples.c.expires_at <= microseconds(self._now()))
        connection.execute(delete(sampled).where(sampled.c.sample.in_(old)))
        gone = connection.execute(
            delete(samples).where(samples.c.expires_at <= microseconds(self._now()))
        ).rowcount
        connection.execute(delete(sampled).where(sampled.c.rating.is_(None), sampled.c.job.not_in(kept())))
        return gone

    def _mine(self, tenant: str) -> Any:
        rated = func.coalesce(func.sum(case((sampled.c.rating.is_not(None), 1), else_=0)), 0)
        waits = case((sampled.c.rating.is_(None) & sampled.c.job.in_(kept()), 1), else_=0)
        return (
            select(samples, rated.label("rated"), func.coalesce(func.sum(waits), 0).label("waiting"))
            .join_from(samples, sampled, sampled.c.sample == samples.c.id, isouter=True)
            .where(samples.c.tenant == tenant, samples.c.expires_at > microseconds(self._now()))
            .group_by(*samples.c)
        )


def kept() -> Any:
    """Jobs whose texts are still there: a deleted one has no name."""
    return select(jobs.c.id).where(jobs.c.name.is_not(None))


def drawn(found: Any, size: int, seed: str) -> tuple[int, list[Segment]]:
    """How many there are, and those of them that are drawn."""
    number = 0

    def ranked() -> Any:
        nonlocal number
        for each in found:
            number += 1
            yield hashlib.sha256(f"{seed}\n{each.place}".encode()).digest(), str(each.place), each

    chosen = heapq.nsmallest(size, ranked(), key=lambda each: each[:2])
    return number, [each for _, _, each in chosen]


def _row(sample: str, number: int, segment: Segment) -> dict[str, Any]:
    place = segment.place
    return {
        "sample": sample,
        "number": number,
        "job": place.job,
        "chunk": place.chunk,
        "unit": place.unit,
        "segment": place.segment,
        "source": segment.source,
        "target": segment.target,
        "models": "+".join(segment.models),
        "flagged": int(segment.flagged),
        "rating": None,
        "rated_at": None,
        "key_id": None,
    }


def _here(place: Place) -> Sequence[Any]:
    return (
        sampled.c.job == place.job,
        sampled.c.chunk == place.chunk,
        sampled.c.unit == place.unit,
        sampled.c.segment == place.segment,
    )


def _check(size: int, seed: str) -> None:
    if not 1 <= size <= MOST or not seed.isprintable() or not 0 < len(seed) <= LONGEST_SEED:
        raise InvalidRequest(
            f"A sample has 1 to {MOST:,} segments, and a seed of at most {LONGEST_SEED} characters."
        )


def _rated(row: RowMapping) -> Rated:
    return Rated(
        row["source"],
        row["target"],
        row["models"],
        bool(row["flagged"]),
        Rating(row["rating"]),
        row["population"] / row["rated"],
    )


def _sample(row: RowMapping) -> Sample:
    return Sample(
        row["id"],
        moment_of(row["created_at"]),
        row["seed"],
        row["size"],
        row["drawn"],
        row["population"],
        None if row["source"] is None else (row["source"], row["target"]),
        int(row["rated"]),
        int(row["waiting"]),
    )

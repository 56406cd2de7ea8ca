"""Jobs in the database: put in, looked at, ended. Blocking. app.jobs.leases hands their chunks to workers."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from app import bodies
from app.audit.log import Action, record
from app.errors import KeyReused, NotThere
from app.jobs import corrections, enforced
from app.jobs.corrections import Correction, Spot
from app.jobs.job import DELETED, OPEN, ChunkReport, ChunkState, Job, Kind, Order, Progress, State, deleted
from app.jobs.rows import fault_of, json, packed
from app.jobs.tables import chunks, jobs, protections
from app.jobs.texts import nameless, opened_chunk, opened_job, sealed_chunk, sealed_words, terms_of
from app.ledger.rows import microseconds, moment_of
from app.storage.engine import Database
from app.storage.locks import hold
from app.tenants.tables import retentions
from app.vault.vault import Vault

RESULTS = "results"
"""app.privacy.retention.Kind."""
_ENTRIES = 500
"""Jobs that expire, or are forgotten, in one transaction."""


@dataclass(frozen=True, slots=True)
class NewChunk:
    units: Sequence[Any]
    """As app.jobs.units makes them."""
    segments: int
    characters: int


@dataclass(frozen=True, slots=True)
class NewJob:
    id: str
    order: Order
    format: str
    blob: str
    digest: str
    chunks: Sequence[NewChunk]
    notes: Sequence[dict[str, object]] = ()
    idempotency_key: str | None = None
    forecast: Mapping[str, object] | None = None


class JobStore:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime], retention: timedelta, vault: Vault
    ) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._retention = retention

    def add(
        self,
        new: NewJob,
        *,
        window: float = 0.0,
        admit: Callable[[Connection, NewJob], None] = lambda *_: None,
    ) -> tuple[Job, bool]:
        """The job, and whether it was there before: the same key, or without one the same upload within `window`
        seconds. Raises KeyReused, and for a new one what `admit` raises.
        """

        def work(connection: Connection) -> tuple[Job, bool]:
            hold(connection, f"jobs of {new.order.tenant}")
            found = _repeated(connection, new, since=microseconds(self._now()) - int(window * 1e6))
            if found is not None:
                return opened_job(self._vault, connection, found), True
            admit(connection, new)
            self._write(connection, new)
            return self._job(connection, new.order.tenant, new.id), False

        return self._database.attempt(work)

    def get(self, tenant: str | None, job: str) -> tuple[Job, Progress]:
        """Raises NotThere, for another tenant's job too. None: whoever's; for `Desk.shown` alone, which asks more."""
        with self._database.read() as connection:
            found = self._job(connection, tenant, job)
            return found, _progress(connection, [job], now=self._now()).get(job, Progress())

    def newest(self, tenant: str, *, limit: int) -> list[tuple[Job, Progress]]:
        """The newest first."""
        query = select(jobs).where(jobs.c.tenant == tenant)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit))
            found = [opened_job(self._vault, connection, row) for row in rows.mappings()]
            sums = _progress(connection, [job.id for job in found], now=self._now())
        return [(job, sums.get(job.id, Progress())) for job in found]

    def report(self, tenant: str, job: str) -> list[ChunkReport]:
        """Every chunk of text with what is left of its texts. Raises NotThere."""
        query = select(chunks).where(chunks.c.job == job, chunks.c.kind == Kind.TRANSLATE)
        with self._database.read() as connection:
            self._job(connection, tenant, job)
            rows = connection.execute(query.order_by(chunks.c.number)).mappings().all()
            return [self._report(connection, row) for row in rows]

    def corrections(self, tenant: str, job: str) -> dict[Spot, Correction]:
        """What people wrote in place of its segments. Raises NotThere."""
        with self._database.read() as connection:
            self._job(connection, tenant, job)
            return corrections.read(self._vault, connection, tenant, job)

    def withdraw(self, tenant: str, job: str, *, key_id: str | None) -> Job:
        """As `delete`, noted in the audit log: somebody wanted it."""

        def work(connection: Connection) -> Job:
            before = self._deleted(connection, tenant, job)
            record(connection, Action.JOB_DELETED, tenant=tenant, subject=job, key_id=key_id)
            return before

        return self._database.attempt(work)

    def delete(self, tenant: str | None, job: str) -> Job:
        """The job as it was but for its name, its texts gone from the database; its files are the caller's to remove.
        Workers lose their leases. Raises NotThere.
        """
        return self._database.attempt(lambda connection: self._deleted(connection, tenant, job))

    def claim(self, job: str, seconds: float) -> int | None:
        """For one who fetches a result that is given once: until when, in microseconds, nobody else may; None where
        somebody does already. It is kept where the finished chunk that composed the file says when it may be taken.
        """
        now = microseconds(self._now())
        free = and_(_composed(job), chunks.c.not_before <= now)
        until = now + int(seconds * 1e6)
        with self._database.transaction() as connection:
            taken = connection.execute(update(chunks).where(free).values(not_before=until)).rowcount
        return until if taken == 1 else None

    def renew(self, job: str, until: int, seconds: float) -> int | None:
        """The same claim, longer; None where it is another's by now."""
        later = microseconds(self._now()) + int(seconds * 1e6)
        mine = and_(_composed(job), chunks.c.not_before == until)
        with self._database.transaction() as connection:
            kept = connection.execute(update(chunks).where(mine).values(not_before=later)).rowcount
        return later if kept == 1 else None

    def release(self, job: str, until: int) -> None:
        """Without effect on a claim that is another's by now."""
        mine = and_(_composed(job), chunks.c.not_before == until)
        with self._database.transaction() as connection:
            connection.execute(update(chunks).where(mine).values(not_before=0))

    def noted(self, action: Action, job: Job, *, key_id: str | None) -> None:
        """In the audit log."""

        def work(connection: Connection) -> None:
            record(connection, action, tenant=job.tenant, subject=job.id, key_id=key_id)

        self._database.attempt(work)

    def overdue(self) -> list[Job]:
        """Whose time is over: to be deleted."""
        query = select(jobs).where(jobs.c.expires_at < microseconds(self._now())).limit(_ENTRIES)
        with self._database.read() as connection:
            return [nameless(row) for row in connection.execute(query).mappings()]

    def results_over(self) -> list[Job]:
        """Whose result's time is over, where its tenant's results have one of their own; the rest of the job stays."""
        query = select(jobs).where(result_over(microseconds(self._now()))).limit(_ENTRIES)
        with self._database.read() as connection:
            return [nameless(row) for row in connection.execute(query).mappings()]

    def drop_result(self, job: Job) -> None:
        """Out of the job; the file is the caller's to remove."""
        here = (jobs.c.id == job.id, jobs.c.result_blob == job.result_blob)
        self._database.attempt(
            lambda connection: connection.execute(update(jobs).where(*here).values(result_blob=None))
        )

    def forget(self) -> None:
        """Drops deleted jobs from the list once as much time has passed again; their charges stay in the ledger."""
        before = microseconds(self._now() - 2 * self._retention)
        old = select(jobs.c.id).where(jobs.c.state.in_(DELETED), jobs.c.finished_at < before).limit(_ENTRIES)

        def work(connection: Connection) -> None:
            gone = connection.execute(old).scalars().all()
            if gone:
                connection.execute(delete(protections).where(protections.c.job.in_(gone)))
                corrections.forget(connection, select(jobs.c.id).where(jobs.c.id.in_(gone)), None)
                connection.execute(delete(chunks).where(chunks.c.job.in_(gone)))
                connection.execute(delete(jobs).where(jobs.c.id.in_(gone)))

        self._database.attempt(work)

    def blobs(self) -> set[str]:
        query = select(jobs.c.source_blob, jobs.c.result_blob)
        query = query.where(or_(jobs.c.source_blob.is_not(None), jobs.c.result_blob.is_not(None)))
        with self._database.read() as connection:
            return {name for row in connection.execute(query) for name in row if name is not None}

    def _deleted(self, connection: Connection, tenant: str | None, job: str) -> Job:
        # Chunks before their job, as everywhere, so that no two wait for each other.
        _row(connection, tenant, job)
        connection.execute(
            update(chunks)
            .where(chunks.c.job == job, chunks.c.state.in_((ChunkState.WAITING, ChunkState.LEASED)))
            .values(state=ChunkState.CANCELLED)
        )
        connection.execute(update(chunks).where(chunks.c.job == job).values(units=None, result=None))
        row = connection.execute(select(jobs).where(jobs.c.id == job).with_for_update()).mappings().one()
        before = nameless(row)
        connection.execute(delete(protections).where(protections.c.job == job))
        corrections.forget(connection, select(jobs.c.id).where(jobs.c.id == job), None)
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job)
            .values(
                state=deleted(before.state),
                finished_at=row["finished_at"] or microseconds(self._now()),
                expires_at=None,
                name=None,
                source_blob=None,
                result_blob=None,
            )
        )
        return before

    def _write(self, connection: Connection, new: NewJob) -> None:
        vault, tenant = self._vault, new.order.tenant
        row = _job_row(new, microseconds(self._now()))
        connection.execute(
            insert(jobs).values(**row, **sealed_words(vault, connection, tenant, new.id, _words(new)))
        )
        texts = [
            sealed_chunk(vault, connection, (tenant, new.id, number), "units", packed(chunk.units))
            for number, chunk in enumerate(new.chunks)
        ]
        connection.execute(insert(chunks), list(_chunk_rows(new, texts)))
        body = enforced.stored(new.order.protection, new.order.target)
        if body is not None:
            sealed = vault.seal(connection, terms_of(tenant, new.id), body)
            connection.execute(insert(protections), [{"job": new.id, "body": sealed}])

    def _job(self, connection: Connection, tenant: str | None, job: str) -> Job:
        return opened_job(self._vault, connection, _row(connection, tenant, job))

    def _report(self, connection: Connection, row: RowMapping) -> ChunkReport:
        place = (row["tenant"], row["job"], row["number"])
        return ChunkReport(
            row["number"],
            ChunkState(row["state"]),
            opened_chunk(self._vault, connection, place, "units", row["units"]),
            opened_chunk(self._vault, connection, place, "result", row["result"]),
            row["entry_id"],
            fault_of(row),
        )


def result_over(now: int) -> ColumnElement[bool]:
    """`now`: in microseconds."""
    own = retentions.c.tenant == jobs.c.tenant
    seconds = select(retentions.c.seconds).where(own, retentions.c.kind == RESULTS).scalar_subquery()
    return and_(jobs.c.result_blob.is_not(None), jobs.c.finished_at + seconds * 1_000_000 < now)


def _composed(job: str) -> ColumnElement[bool]:
    return and_(chunks.c.job == job, chunks.c.kind == Kind.COMPOSE, chunks.c.state == ChunkState.DONE)


def _repeated(connection: Connection, new: NewJob, *, since: int) -> RowMapping | None:
    mine = jobs.c.tenant == new.order.tenant
    if new.idempotency_key is not None:
        same = jobs.c.idempotency_key == new.idempotency_key
    else:
        same = and_(
            jobs.c.digest == new.digest,
            jobs.c.idempotency_key.is_(None),
            jobs.c.created_at > since,
            jobs.c.state.in_((*OPEN, State.SUCCEEDED)),
        )
    query = select(jobs).where(mine, same).order_by(jobs.c.created_at.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    if row["digest"] != new.digest:
        raise KeyReused("This Idempotency-Key was used for another document. Use a new key for new work.")
    return row


def _row(connection: Connection, tenant: str | None, job: str) -> RowMapping:
    query = select(jobs).where(jobs.c.id == job)
    if tenant is not None:
        query = query.where(jobs.c.tenant == tenant)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotThere("There is no such job.")
    return row


def _progress(connection: Connection, wanted: Sequence[str], *, now: datetime) -> dict[str, Progress]:
    done = chunks.c.state == ChunkState.DONE
    failed = chunks.c.state == ChunkState.FAILED
    text = and_(chunks.c.job.in_(wanted), chunks.c.kind == Kind.TRANSLATE)
    sums = select(
        chunks.c.job,
        _sum("segments", chunks.c.segments),
        _sum("segments_done", chunks.c.segments, done),
        _sum("characters", chunks.c.characters),
        _sum("characters_done", chunks.c.characters, done),
        func.count().label("chunks"),
        func.count().filter(done).label("chunks_done"),
        func.count().filter(failed).label("chunks_failed"),
        func.min(chunks.c.not_before).filter(_paced(now)).label("paced_until"),
        *(
            _sum(name, chunks.c[name])
            for name in ("billed_characters", "price_nanos", "cost_nanos", "compute_ns")
        ),
        func.max(chunks.c.load_ns).label("load_ns"),
    ).where(text)
    flagged = select(chunks.c.job, chunks.c.flags).where(text, chunks.c.flags != "{}")
    flags: dict[str, Counter[str]] = {}
    for job, stored in connection.execute(flagged):
        flags.setdefault(job, Counter()).update(orjson.loads(stored))
    found: dict[str, Progress] = {}
    for row in connection.execute(sums.group_by(chunks.c.job)).mappings():
        apart = ("job", "paced_until")
        figures = {str(name): int(value or 0) for name, value in row.items() if name not in apart}
        mine = dict(sorted(flags.get(row["job"], Counter()).items()))
        until = None if row["paced_until"] is None else moment_of(row["paced_until"])
        found[row["job"]] = Progress(**figures, flags=mine, paced_until=until)
    return found


def _paced(now: datetime) -> ColumnElement[bool]:
    """As Leases.postpone leaves a chunk; one that waits after a failure has an error."""
    waiting = and_(chunks.c.state == ChunkState.WAITING, chunks.c.error_code.is_(None))
    return and_(waiting, chunks.c.not_before > microseconds(now))


def _sum(name: str, column: Column[Any], only: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    whole = func.sum(column)
    return (whole if only is None else whole.filter(only)).label(name)


def _job_row(new: NewJob, now: int) -> dict[str, Any]:
    order = new.order
    return {
        "id": new.id,
        "tenant": order.tenant,
        "key_id": order.key_id,
        "cost_centre": order.cost_centre,
        "idempotency_key": new.idempotency_key,
        "digest": new.digest,
        "state": State.QUEUED,
        "media_type": order.media_type,
        "format": new.format,
        "source": order.source,
        "target": order.target,
        "priority": int(order.priority),
        "confidence": int(order.confidence),
        "created_at": now,
        "pending": len(new.chunks),
        "source_blob": new.blob,
        "forecast": None if new.forecast is None else json(new.forecast),
        "memory": order.memory,
    }


def _words(new: NewJob) -> dict[str, str | None]:
    edition = new.order.protection.edition
    return {
        "name": new.order.name,
        "options": json(new.order.options),
        "notes": json(list(new.notes)),
        "glossary": None if edition is None else json(bodies.glossary_used(edition)),
    }


def _chunk_rows(new: NewJob, texts: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    for number, (chunk, units) in enumerate(zip(new.chunks, texts, strict=True)):
        yield _chunk_row(new, number, Kind.TRANSLATE) | {
            "units": units,
            "segments": chunk.segments,
            "characters": chunk.characters,
        }
    yield _chunk_row(new, len(new.chunks), Kind.COMPOSE)


def _chunk_row(new: NewJob, number: int, kind: Kind) -> dict[str, Any]:
    zeros = (
        "attempts", "not_before", "lease_until", "token", "segments", "characters", "billed_characters",
        "price_nanos", "cost_nanos", "compute_ns", "load_ns",
    )  # fmt: skip
    return {
        "job": new.id,
        "number": number,
        "tenant": new.order.tenant,
        "kind": kind,
        "state": ChunkState.WAITING,
        "units": None,
        "flags": "{}",
        **dict.fromkeys(zeros, 0),
    }

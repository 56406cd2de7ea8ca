"""Who works on which chunk: leases that end by themselves, with tokens that tell the late from the living.

Whatever a worker writes names its token; a chunk that somebody else has leased since does not take it. Blocking.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from app.errors import LeaseLost
from app.glossary.matching import PLAIN, Protection
from app.jobs.enforced import protection_of, stated
from app.jobs.job import ChunkState, Fault, Job, Kind, Lease, State, before
from app.jobs.rows import json, packed
from app.jobs.tables import chunks, jobs, protections, turns
from app.jobs.texts import opened_chunk, opened_job, sealed_chunk, sealed_words, terms_of
from app.ledger.rows import microseconds
from app.ledger.store import Recorded, Rider
from app.storage.engine import Database
from app.storage.locks import hold
from app.vault.vault import Vault

LEASE = 15.0
"""Seconds a worker has a chunk without saying that it still lives."""
ATTEMPTS = 4
"""Leases of a chunk before it is given up. A worker's death counts: the chunk may be what killed it."""
FIRST_WAIT = 2.0
"""Seconds before the second attempt, doubled with each."""
_LOST = "Another worker has this chunk by now, or its job was cancelled."
_KILLED = Fault("chunk_failed", "The worker ended without a word on every attempt at this chunk.")


@dataclass(frozen=True, slots=True)
class Done:
    """What a translated chunk leaves behind."""

    results: list[Any]
    segments: int
    flags: Mapping[str, int] = field(default_factory=dict)
    load_ns: int = 0
    """How long it waited for models to be loaded."""


class Leases:
    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        retention: timedelta,
        a_tenant: int,
        vault: Vault,
        seconds: float = LEASE,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        """`a_tenant`: chunks of one tenant in work at once, on all machines together."""
        self._database = database
        self._now = now
        self._retention = retention
        self._a_tenant = a_tenant
        self._vault = vault
        self._seconds = seconds
        self._first_wait = first_wait

    def take(self, *, job: str | None = None, idle: bool = True) -> Lease | None:
        """A chunk to work on, of `job` if named; None where nothing is ready.

        Tenants take turns; of a tenant's jobs the more urgent and then the older goes first. A chunk that was tried
        before goes before all others, and to an idle worker alone, which is to take no other meanwhile: if it is what
        kills workers, no other chunk dies with it.
        """
        if not self._anything(job):
            return None
        while True:
            found = self._database.attempt(lambda connection: self._take(connection, job, idle=idle))
            if not isinstance(found, _GivenUp):
                return found

    def texts(self, lease: Lease) -> list[Any]:
        """The chunk's units."""
        query = select(chunks.c.units).where(chunks.c.job == lease.job.id, chunks.c.number == lease.number)
        place = (lease.job.tenant, lease.job.id, lease.number)
        with self._database.read() as connection:
            stored = connection.execute(query).scalar()
            return list(opened_chunk(self._vault, connection, place, "units", stored))

    def protection(self, job: Job) -> Protection:
        """What the job is to enforce."""
        body = self._enforced(job)
        return PLAIN if body is None else protection_of(body)

    def _enforced(self, job: Job) -> bytes | None:
        query = select(protections.c.body).where(protections.c.job == job.id)
        with self._database.read() as connection:
            body: bytes | None = connection.execute(query).scalar()
            if body is None:
                return None
            return self._vault.open(connection, terms_of(job.tenant, job.id), bytes(body))

    def enforced(self, job: Job) -> dict[str, Any] | None:
        """What a statement says of it; None where nothing out of the ordinary is enforced."""
        body = self._enforced(job)
        return None if body is None else stated(body)

    def results(self, job: Job) -> list[Any]:
        """Of all chunks in order; the units of one given up stand for themselves: None each."""
        query = select(chunks.c.number, chunks.c.state, chunks.c.units, chunks.c.result).where(
            chunks.c.job == job.id, chunks.c.kind == Kind.TRANSLATE
        )
        found: list[Any] = []
        with self._database.read() as connection:
            opened = partial(opened_chunk, self._vault, connection)
            for number, state, units, result in connection.execute(query.order_by(chunks.c.number)).all():
                place = (job.tenant, job.id, number)
                if state == ChunkState.DONE:
                    found += opened(place, "result", result)
                else:
                    found += [None] * len(opened(place, "units", units))
        return found

    def renew(self, lease: Lease) -> None:
        """Without effect on a chunk that this very lease has finished meanwhile. Raises LeaseLost."""
        until = microseconds(self._now()) + int(self._seconds * 1e6)
        mine = and_(
            chunks.c.job == lease.job.id,
            chunks.c.number == lease.number,
            chunks.c.token == lease.token,
            chunks.c.state.in_((ChunkState.LEASED, ChunkState.DONE)),
        )
        with self._database.transaction() as connection:
            if connection.execute(update(chunks).where(mine).values(lease_until=until)).rowcount != 1:
                raise LeaseLost(_LOST)

    def release(self, lease: Lease) -> None:
        """Back to the others, as if it had not been taken; without effect on a lease that is lost."""
        mine = _mine(lease)
        with self._database.transaction() as connection:
            back = {"state": ChunkState.WAITING, "attempts": chunks.c.attempts - 1}
            connection.execute(update(chunks).where(mine).values(**back))

    def postpone(self, lease: Lease, seconds: float) -> None:
        """Back to the others, as if it had not been taken, but not before some time, nor what waits of its job; without
        effect on a lease that is lost.
        """
        then = microseconds(self._now()) + int(seconds * 1e6)
        waiting = and_(chunks.c.job == lease.job.id, chunks.c.state == ChunkState.WAITING)

        def work(connection: Connection) -> None:
            back = {"state": ChunkState.WAITING, "attempts": chunks.c.attempts - 1}
            if connection.execute(update(chunks).where(_mine(lease)).values(**back)).rowcount == 1:
                sooner = and_(waiting, chunks.c.not_before < then)
                connection.execute(update(chunks).where(sooner).values(not_before=then))

        self._database.attempt(work)

    def finishing(self, lease: Lease, done: Done) -> Rider:
        """For the transaction that charges the chunk: its result commits with the charge or not at all.

        Raises LeaseLost, which undoes the charge.
        """
        place, result = (lease.job.tenant, lease.job.id, lease.number), packed(done.results)

        def ride(connection: Connection, recorded: Recorded) -> None:
            entry = recorded.entry
            _write(
                connection,
                lease,
                state=ChunkState.DONE,
                result=sealed_chunk(self._vault, connection, place, "result", result),
                segments=done.segments,
                flags=json(dict(done.flags)),
                entry_id=entry.id,
                billed_characters=entry.billed_characters,
                price_nanos=entry.price_nanos,
                cost_nanos=entry.cost_nanos,
                compute_ns=entry.compute_ns,
                load_ns=done.load_ns,
                error_code=None,
                error_message=None,
            )
            _one_less(connection, lease.job.id)

        return ride

    def composed(
        self, lease: Lease, blob: str, *, media_type: str, suffix: str, notes: list[dict[str, object]]
    ) -> None:
        """The job has succeeded. Raises LeaseLost."""
        result = {"result_blob": blob, "result_media_type": media_type, "result_suffix": suffix}

        def work(connection: Connection) -> None:
            _write(connection, lease, state=ChunkState.DONE)
            words = sealed_words(
                self._vault, connection, lease.job.tenant, lease.job.id, {"notes": json(notes)}
            )
            self._end(connection, lease.job.id, State.SUCCEEDED, **result, **words)

        self._database.attempt(work)

    def failed(self, lease: Lease, fault: Fault, *, again: bool = True) -> bool:
        """Whether the chunk is given up; it waits for another attempt otherwise. Raises LeaseLost."""
        last = not again or lease.attempts >= ATTEMPTS

        def work(connection: Connection) -> None:
            if last:
                self._give_up(connection, lease, fault)
                return
            wait = self._first_wait * 2 ** (lease.attempts - 1)
            _write(
                connection,
                lease,
                state=ChunkState.WAITING,
                not_before=microseconds(self._now()) + int(wait * 1e6),
                error_code=fault.code,
                error_message=fault.message,
            )

        self._database.attempt(work)
        return last

    def _anything(self, job: str | None) -> bool:
        """A look that waits for nobody: most find nothing."""
        query = select(chunks.c.job).where(self._ready(job)).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def _take(self, connection: Connection, job: str | None, *, idle: bool) -> "Lease | _GivenUp | None":
        # One at a time, or two would each count the same chunks of a tenant. It takes about a millisecond.
        hold(connection, "leases")
        query = (
            select(chunks)
            .join_from(chunks, jobs, chunks.c.job == jobs.c.id)
            .outerjoin(turns, turns.c.tenant == chunks.c.tenant)
            .where(self._ready(job), chunks.c.tenant.not_in(self._busy(connection)))
            .order_by(
                case((chunks.c.attempts > 0, 0), else_=1),
                func.coalesce(turns.c.taken_at, 0),
                jobs.c.priority,
                jobs.c.created_at,
                jobs.c.id,
                chunks.c.number,
            )
            .limit(1)
            .with_for_update(skip_locked=True, of=chunks)
        )
        row = connection.execute(query).mappings().first()
        if row is None or (row["attempts"] and not idle):
            return None
        lease = self._leased(connection, row)
        if lease.attempts <= ATTEMPTS:
            return lease
        self._give_up(connection, lease, _KILLED)
        return _GivenUp()

    def _ready(self, job: str | None) -> ColumnElement[bool]:
        now = microseconds(self._now())
        waiting = and_(chunks.c.state == ChunkState.WAITING, chunks.c.not_before <= now)
        left = and_(chunks.c.state == ChunkState.LEASED, chunks.c.lease_until < now)
        all_done = exists().where(jobs.c.id == chunks.c.job, jobs.c.pending == 0).correlate(chunks)
        conditions = [or_(waiting, left), or_(chunks.c.kind == Kind.TRANSLATE, all_done)]
        return and_(*conditions, *([] if job is None else [chunks.c.job == job]))

    def _busy(self, connection: Connection) -> list[str]:
        """Tenants that have as many chunks in work as they may."""
        now = microseconds(self._now())
        query = select(chunks.c.tenant).where(
            chunks.c.state == ChunkState.LEASED, chunks.c.lease_until >= now
        )
        full = query.group_by(chunks.c.tenant).having(func.count() >= self._a_tenant)
        return list(connection.execute(full).scalars())

    def _leased(self, connection: Connection, row: RowMapping) -> Lease:
        now = microseconds(self._now())
        here = and_(chunks.c.job == row["job"], chunks.c.number == row["number"])
        token, attempts = row["token"] + 1, row["attempts"] + 1
        connection.execute(
            update(chunks)
            .where(here)
            .values(
                state=ChunkState.LEASED,
                token=token,
                attempts=attempts,
                lease_until=now + int(self._seconds * 1e6),
            )
        )
        connection.execute(
            update(jobs)
            .where(jobs.c.id == row["job"], jobs.c.state.in_(before(State.RUNNING)))
            .values(state=State.RUNNING, started_at=now)
        )
        _turn(connection, row["tenant"], now)
        return Lease(self._job(connection, row["job"]), row["number"], Kind(row["kind"]), token, attempts)

    def _job(self, connection: Connection, job: str) -> Job:
        row = connection.execute(select(jobs).where(jobs.c.id == job)).mappings().one()
        return opened_job(self._vault, connection, row)

    def _give_up(self, connection: Connection, lease: Lease, fault: Fault) -> None:
        _write(
            connection,
            lease,
            state=ChunkState.FAILED,
            error_code=fault.code,
            error_message=fault.message,
        )
        if lease.kind is Kind.TRANSLATE:
            _one_less(connection, lease.job.id)
        else:
            ended = {"error_code": fault.code, "error_message": fault.message}
            self._end(connection, lease.job.id, State.FAILED, **ended)

    def _end(self, connection: Connection, job: str, state: State, **values: object) -> None:
        now = self._now()
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job, jobs.c.state.in_(before(state)))
            .values(
                state=state,
                finished_at=microseconds(now),
                expires_at=microseconds(now + self._retention),
                **values,
            )
        )


@dataclass(frozen=True, slots=True)
class _GivenUp:
    """A chunk that killed its workers; there may be another to take."""


def _turn(connection: Connection, tenant: str, now: int) -> None:
    """Under the lock of whoever takes."""
    mine = update(turns).where(turns.c.tenant == tenant).values(taken_at=now)
    if connection.execute(mine).rowcount == 0:
        connection.execute(insert(turns).values(tenant=tenant, taken_at=now))


def _mine(lease: Lease) -> ColumnElement[bool]:
    return and_(
        chunks.c.job == lease.job.id,
        chunks.c.number == lease.number,
        chunks.c.token == lease.token,
        chunks.c.state == ChunkState.LEASED,
    )


def _write(connection: Connection, lease: Lease, **values: object) -> None:
    if connection.execute(update(chunks).where(_mine(lease)).values(**values)).rowcount != 1:
        raise LeaseLost(_LOST)


def _one_less(connection: Connection, job: str) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job).values(pending=jobs.c.pending - 1))

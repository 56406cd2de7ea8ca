"""How long each tenant's texts are kept, where that is another time than the settings say. Blocking but for `tend`.

Everything that ends says itself when (`expires_at`). What a tenant's own time makes of that is written there, for what
is kept already as well; those who delete what is over need to know nothing of it. A result that is to go before its
document is reckoned by the end of its job.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select, update

from app import __version__
from app.audit.log import Action, record
from app.chores import Heard, repeated, unheard
from app.errors import InvalidRequest
from app.jobs.job import DELETED
from app.jobs.store import JobStore, result_over
from app.jobs.tables import jobs
from app.ledger.rows import microseconds
from app.ledger.tables import entries
from app.privacy.held import is_there
from app.replay.store import ReplyStore
from app.replay.tables import replies
from app.review.reviews import Reviews
from app.review.tables import memories, verdicts
from app.storage.blobs import Blobs
from app.storage.engine import Database
from app.storage.locks import hold
from app.tenants.directory import Directory
from app.tenants.tables import retentions
from app.vault.vault import Vault

log = logging.getLogger("dragoman")

VERSION = 1
KIND = "dragoman.purge"
TENDING = 30.0
"""Seconds between two looks for what is to be kept for another time than was thought."""
_UNITS = {"m": 60, "h": 3_600, "d": 86_400}
_LONGEST = 36_500 * 86_400
_WRITTEN = re.compile(r"(\d{1,6})([mhd])")


class Kind(StrEnum):
    DOCUMENTS = "documents"
    """A document, its texts, its name and its result, from the end of its job."""
    RESULTS = "results"
    """The result alone, from the end of its job; as long as the document at most, which takes it with it."""
    MEMORY = "memory"
    """A correction, from the day it was made."""
    REVIEW = "review"
    """A verdict, from the day it was given."""
    REPLAY = "replay"
    """An answer that is stored to be given again, from its charge."""


@dataclass(frozen=True, slots=True)
class _Ends:
    table: Table
    tenant: ColumnElement[str]
    since: ColumnElement[int]


_OWNER = select(entries.c.tenant).where(entries.c.id == replies.c.entry_id).scalar_subquery()
_CHARGED = select(entries.c.created_at).where(entries.c.id == replies.c.entry_id).scalar_subquery()
_ENDS: Mapping[Kind, _Ends] = {
    Kind.DOCUMENTS: _Ends(jobs, jobs.c.tenant, jobs.c.finished_at),
    Kind.MEMORY: _Ends(memories, memories.c.tenant, memories.c.changed_at),
    Kind.REVIEW: _Ends(verdicts, verdicts.c.tenant, verdicts.c.decided_at),
    Kind.REPLAY: _Ends(replies, _OWNER, _CHARGED),
}


@dataclass(frozen=True, slots=True)
class Purged:
    deleted: Mapping[str, int]
    """By kind."""
    left: Mapping[str, int]
    """Found by a look afterwards, of what should be gone; all zero, or the purge has failed."""
    files_left: int
    kept: Mapping[str, int]
    """What is held afterwards, by kind."""

    @property
    def proved(self) -> bool:
        return not (sum(self.left.values()) or self.files_left)

    def statement(self, now: datetime) -> dict[str, Any]:
        """To be signed."""
        return {
            "version": VERSION,
            "kind": KIND,
            "issued_at": now.isoformat(timespec="seconds"),
            "dragoman": __version__,
            "deleted": dict(self.deleted),
            "found_afterwards": {"rows": dict(self.left), "files": self.files_left},
            "kept": dict(self.kept),
        }


class Retention:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def of(self, tenant: str) -> dict[Kind, timedelta]:
        """What is the tenant's own. Raises NotThere."""
        Directory(self._database).tenant(tenant)
        query = select(retentions.c.kind, retentions.c.seconds).where(retentions.c.tenant == tenant)
        with self._database.read() as connection:
            return {Kind(kind): timedelta(seconds=seconds) for kind, seconds in connection.execute(query)}

    def change(self, tenant: str, wanted: Mapping[Kind, timedelta | None]) -> None:
        """None: as the settings say, for what comes from now on. Raises NotThere."""
        Directory(self._database).tenant(tenant)

        def work(connection: Connection) -> None:
            hold(connection, f"retention of {tenant}")
            for kind, time in wanted.items():
                mine = (retentions.c.tenant == tenant, retentions.c.kind == kind)
                connection.execute(delete(retentions).where(*mine))
                if time is not None:
                    row = {"tenant": tenant, "kind": kind, "seconds": int(time.total_seconds())}
                    connection.execute(insert(retentions), [row])
            told = {
                str(kind): None if time is None else int(time.total_seconds())
                for kind, time in wanted.items()
            }
            record(connection, Action.RETENTION_CHANGED, tenant=tenant, details=told)

        self._database.attempt(work)
        self.stamp()

    def stamp(self) -> None:
        """Writes when everything ends whose tenant has a time of its own."""
        with self._database.read() as connection:
            rules = connection.execute(select(retentions)).all()
        for rule in rules:
            self._database.attempt(partial(_stamp, rule=rule))

    def purge(self, blobs: Blobs) -> Purged:
        """Deletes what is over now, and looks whether it is gone. Audited if there was any."""
        self.stamp()
        now = self._now()
        names = [
            (job.tenant, name) for job in self._overdue(now) for name in (job.source_blob, job.result_blob)
        ]
        names += [(job.tenant, job.result_blob) for job in self._jobs(now).results_over()]
        before = self.over(now)
        self._delete(blobs, now)
        after = self.over(now)
        left = sum(1 for tenant, name in names if name is not None and is_there(blobs, tenant, name))
        if sum(before.values()):
            told = {
                **{f"deleted_{kind}": number for kind, number in before.items()},
                "left": sum(after.values()),
            }
            self._database.attempt(
                lambda connection: record(connection, Action.RETENTION_PURGED, details=told)
            )
        with self._database.read() as connection:
            kept = {str(kind): _held(connection, kind) for kind in Kind}
        return Purged(before, after, left, kept)

    def over(self, now: datetime) -> dict[str, int]:
        """Rows that are past their time, by kind."""
        with self._database.read() as connection:
            return {str(kind): _over(connection, kind, now) for kind in Kind}

    async def tend(self, heard: Heard = unheard) -> None:
        """For as long as the service runs."""

        def stamp() -> int:
            self.stamp()
            return 0

        await repeated(stamp, every=TENDING, heard=partial(heard, "times"))

    def _overdue(self, now: datetime) -> list[Any]:
        return self._jobs(now).overdue()

    def _jobs(self, now: datetime) -> JobStore:
        # Without a vault: what is deleted is not read.
        return JobStore(self._database, now=lambda: now, retention=timedelta(0), vault=Vault())

    def _delete(self, blobs: Blobs, now: datetime) -> None:
        store = self._jobs(now)
        while overdue := store.overdue():
            for job in overdue:
                before = store.delete(job.tenant, job.id)
                blobs.remove(before.tenant, before.source_blob, before.result_blob)
        while results := store.results_over():
            for job in results:
                store.drop_result(job)
                blobs.remove(job.tenant, job.result_blob)
        Reviews(self._database, now=lambda: now, retention=timedelta(0), vault=Vault()).expire()
        ReplyStore(self._database, Vault()).purge(now=now.timestamp())


def parsed(written: str) -> tuple[Kind, timedelta | None]:
    """`documents=7d`, `replay=30m`, `memory=default`. Raises InvalidRequest."""
    name, _, time = written.partition("=")
    if name not in set(Kind):
        raise InvalidRequest(f"{name!r} is kept for no time of its own: name one of {', '.join(Kind)}.")
    if time == "default":
        return Kind(name), None
    found = _WRITTEN.fullmatch(time)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < seconds <= _LONGEST:
        raise InvalidRequest(
            f"How long {name} are kept is a number of minutes, hours or days, such as 30m, 12h, 7d, or default."
        )
    return Kind(name), timedelta(seconds=seconds)


def _stamp(connection: Connection, *, rule: Any) -> None:
    ends = _ENDS.get(Kind(rule.kind))
    if ends is None:
        return
    when = ends.since + rule.seconds * 1_000_000
    wrong = and_(
        ends.tenant == rule.tenant, ends.table.c.expires_at.is_not(None), ends.table.c.expires_at != when
    )
    connection.execute(update(ends.table).where(wrong).values(expires_at=when))


def _over(connection: Connection, kind: Kind, now: datetime) -> int:
    if kind is Kind.RESULTS:
        return _count(connection, jobs, result_over(microseconds(now)))
    table = _ENDS[kind].table
    return _count(connection, table, table.c.expires_at < microseconds(now))


def _held(connection: Connection, kind: Kind) -> int:
    """Rows, and results, that are kept now."""
    if kind is Kind.RESULTS:
        return _count(connection, jobs, jobs.c.result_blob.is_not(None))
    if kind is Kind.DOCUMENTS:
        return _count(connection, jobs, jobs.c.state.not_in(DELETED))
    table = _ENDS[kind].table
    return _count(connection, table, table.c.expires_at.is_not(None))


def _count(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def shown(times: Mapping[Kind, timedelta]) -> Iterator[tuple[str, str]]:
    for kind in Kind:
        if kind in times:
            yield kind.value, _readable(int(times[kind].total_seconds()))


def _readable(seconds: int) -> str:
    for unit in ("d", "h", "m"):
        if seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"

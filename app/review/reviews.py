"""What people decide of flagged segments, and what becomes of it. Blocking.

A verdict is a row of figures. A correction's text goes with its document (app/jobs/corrections.py) and, unless the
tenant's policy says otherwise, into the tenant's memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, case, delete, func, insert, select

from app.audit.log import Action, record
from app.chores import Heard, repeated, unheard
from app.jobs import corrections
from app.jobs.corrections import Correction
from app.jobs.tables import jobs
from app.ledger.rows import microseconds
from app.review import queue
from app.review.likeness import matches
from app.review.memory import Memory
from app.review.queue import Item, Page, Reading, Shown
from app.review.tables import verdicts
from app.review.verdict import Decision, Place, Verdict
from app.settings import Settings
from app.storage.engine import Database
from app.storage.locks import hold
from app.tenants.tenant import Recall, Tenant
from app.vault.vault import Vault

TENDING = 600.0
"""Seconds between two looks for what is past its time."""


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
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        retention: timedelta,
        vault: Vault,
        default: Recall = Recall.SHOW,
    ) -> None:
        """`default`: of tenants without a policy of their own."""
        self._database = database
        self._vault = vault
        self._now = now
        self._retention = retention
        self._default = default
        self.memory = Memory(database, now=now, retention=retention, vault=vault)

    def policy(self, tenant: Tenant) -> Recall:
        return tenant.memory or self._default

    def queue(
        self,
        tenant: str,
        *,
        shown: Shown = "open",
        job: str | None = None,
        after: str | None = None,
        limit: int,
        matched: bool = True,
    ) -> Page:
        """`matched`: with what the memory has to say. Raises InvalidRequest for an `after` that no page gave."""
        with self._database.read() as connection:
            reading = Reading(self._vault, connection)
            found = queue.page(reading, tenant, shown=shown, job=job, after=after, limit=limit)
        return Page(self._with_matches(tenant, found.items), found.next) if matched else found

    def decide(
        self,
        tenant: str,
        place: Place,
        decision: Decision,
        *,
        key_id: str | None = None,
        remembered: bool = True,
    ) -> Item:
        """The newest decision counts. `remembered`: a correction goes into the tenant's memory.

        Raises NotThere, for another tenant's segment and for deleted text too.
        """

        def work(connection: Connection) -> Item:
            hold(connection, f"review of {place.job}")
            item = queue.find(Reading(self._vault, connection), tenant, place)
            self._decided(connection, tenant, item, decision, key_id)
            self.memory.withdraw(connection, tenant, str(place))
            if decision.text is not None and remembered:
                pair, texts = (item.source, item.target), (item.source_text, decision.text.strip())
                self.memory.put(connection, tenant, pair, texts, key_id=key_id, place=str(place))
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

    def forget(
        self,
        tenant: str,
        *,
        job: str | None = None,
        before: datetime | None = None,
        key_id: str | None = None,
    ) -> int:
        """Verdicts, with the corrections that stayed with documents, of what both name, or all; how many verdicts.
        What is still in doubt is to be decided again.
        """
        mine = [verdicts.c.tenant == tenant]
        mine += [] if job is None else [verdicts.c.job == job]
        mine += [] if before is None else [verdicts.c.decided_at < microseconds(before)]

        def work(connection: Connection) -> int:
            gone = connection.execute(delete(verdicts).where(*mine)).rowcount
            theirs = select(jobs.c.id).where(jobs.c.tenant == tenant)
            corrections.forget(connection, theirs if job is None else theirs.where(jobs.c.id == job), before)
            details: dict[str, object] = {"verdicts": gone}
            if before is not None:
                details["before"] = before.isoformat()
            record(
                connection, Action.VERDICTS_ERASED, tenant=tenant, subject=job, key_id=key_id, details=details
            )
            return gone

        return self._database.attempt(work)

    def expire(self) -> int:
        """Deletes verdicts and entries that are past their time; how many."""
        due = verdicts.c.expires_at <= microseconds(self._now())

        def work(connection: Connection) -> int:
            return connection.execute(delete(verdicts).where(due)).rowcount + self.memory.expire(connection)

        return self._database.attempt(work)

    async def tend(self, heard: Heard = unheard) -> None:
        """Deletes what is past its time, for as long as the service runs."""
        await repeated(self.expire, every=TENDING, heard=partial(heard, "review"))

    def _decided(
        self, connection: Connection, tenant: str, item: Item, decision: Decision, key_id: str | None
    ) -> None:
        place, now = item.place, self._now()
        connection.execute(delete(verdicts).where(*_here(place)))
        corrections.drop(connection, place.job, place.spot)
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
            made = Correction(decision.text.strip(), str(decision.reason), now, key_id)
            corrections.put(self._vault, connection, (tenant, place.job), place.spot, made)

    def _with_matches(self, tenant: str, items: Sequence[Item]) -> list[Item]:
        pairs = {(each.source, each.target) for each in items}
        known = {pair: self.memory.searchable(tenant, pair) for pair in pairs}
        return [
            replace(each, matches=matches(each.source_text, known[each.source, each.target]))
            for each in items
        ]


def open_reviews(settings: Settings, database: Database, vault: Vault) -> Reviews:
    return Reviews(
        database,
        now=lambda: datetime.now(UTC),
        retention=timedelta(days=settings.review_days),
        vault=vault,
        default=Recall(settings.memory),
    )


def _here(place: Place) -> list[Any]:
    return [
        verdicts.c.job == place.job,
        verdicts.c.chunk == place.chunk,
        verdicts.c.unit == place.unit,
        verdicts.c.segment == place.segment,
    ]

"""The quality counts of an installation: reports of them, and their end. Blocking but for `tend`."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from sqlalchemy import Connection

from app.chores import Heard, repeated, unheard
from app.quality import counts
from app.quality.rating import Estimate, estimates
from app.quality.report import Asked, QualityReport, asked_for, quality
from app.quality.samples import Samples
from app.settings import Settings
from app.storage.engine import Database
from app.vault.vault import Vault

TENDING = 3600.0
"""Seconds between two looks for what is past its time."""
_WEEKS = 12
"""Of the page's chart."""


class QualityWatch:
    def __init__(
        self, database: Database, *, now: Callable[[], datetime], retention: timedelta, samples: Samples
    ) -> None:
        self._database = database
        self._now = now
        self._retention = retention
        self.samples = samples

    @property
    def today(self) -> date:
        return self._now().date()

    def report(self, asked: Asked) -> QualityReport:
        return quality(self._database, asked)

    def weeks(self, asked: Asked) -> QualityReport:
        """The last weeks of the same."""
        return self.report(
            asked_for(
                self.today,
                since=asked.until - timedelta(days=7 * _WEEKS - 1),
                until=asked.until,
                by="week",
                tenant=asked.tenant,
                pair=asked.pair,
                model=asked.model,
            )
        )

    def ratings(self, asked: Asked) -> list[Estimate]:
        """Of samples drawn in the days of the report, or in those before that it compares with, up to now."""
        first = datetime.combine(asked.first, time(), UTC)
        return estimates(
            self.samples.ratings(tenant=asked.tenant, since=first, pair=asked.pair, model=asked.model)
        )

    def expire(self) -> int:
        """Deletes counts and samples that are past their time, and what can no longer be rated; how many samples."""
        before = (self._now() - self._retention).date().toordinal() - date(1970, 1, 1).toordinal()

        def work(connection: Connection) -> int:
            counts.forget(connection, before)
            return self.samples.expire(connection)

        return self._database.attempt(work)

    async def tend(self, heard: Heard = unheard) -> None:
        """Deletes what is past its time, for as long as the service runs."""
        await repeated(self.expire, every=TENDING, heard=partial(heard, "quality"))


def open_watch(settings: Settings, database: Database, vault: Vault) -> QualityWatch:
    def now() -> datetime:
        return datetime.now(UTC)

    kept = timedelta(days=settings.review_days)
    samples = Samples(database, now=now, retention=kept, vault=vault)
    return QualityWatch(database, now=now, retention=timedelta(days=settings.quality_days), samples=samples)

"""The desk and its parts, put together from Settings."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.jobs.blobs import Blobs
from app.jobs.desk import Desk
from app.jobs.leases import Leases
from app.jobs.parsing import Parser, ParsingLimits
from app.jobs.runner import Runner, Translator
from app.jobs.store import JobStore
from app.ledger.entry import LedgerEntry
from app.settings import Settings
from app.storage.engine import Database
from models.route import Router

FOLDER = "blobs"


def open_desk(
    settings: Settings,
    database: Database,
    *,
    translator: Translator,
    router: Router,
    charged: Callable[[LedgerEntry], object],
) -> Desk:
    retention = timedelta(hours=settings.job_retention)
    leases = Leases(database, now=_now, retention=retention, a_tenant=settings.job_chunks_per_tenant)
    parser = Parser(
        ParsingLimits(settings.max_document_bytes, settings.document_memory, settings.document_seconds)
    )
    blobs = Blobs(settings.data_dir / FOLDER)
    runner = Runner(
        leases, translator, parser=parser, blobs=blobs, at_once=settings.job_chunks, charged=charged
    )
    store = JobStore(database, now=_now, retention=retention)
    return Desk(
        store, blobs=blobs, parser=parser, runner=runner, router=router, window=settings.replay_window
    )


def _now() -> datetime:
    return datetime.now(UTC)

"""The desk and its parts, put together from Settings."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from app import bodies
from app.errors import ConfigurationError
from app.estimate import Estimator
from app.jobs.allowance import Allowance, Room
from app.jobs.desk import Desk, Forecasting
from app.jobs.job import Order
from app.jobs.leases import Leases
from app.jobs.parsing import Parser, ParsingLimits
from app.jobs.runner import Runner, Translator
from app.jobs.store import JobStore, NewJob
from app.ledger.entry import LedgerEntry
from app.provenance import Making
from app.quality.tally import Tally
from app.settings import Settings
from app.storage.blobs import Blobs
from app.storage.engine import Database
from app.storage.files import FOLDER, FileBlobs
from app.tenants.directory import Directory
from app.tenants.limiter import Limiter
from app.tenants.reservations import Claim, Rate, admit
from app.traces import Traces
from app.validation import listed_codes
from app.vault.blobs import SealedBlobs
from app.vault.vault import Vault
from models.router import Router


def blobs_place(settings: Settings) -> str:
    return settings.blobs.rstrip("/") or f"Folder {(settings.data_dir / FOLDER).absolute()}"


def open_blobs(settings: Settings) -> Blobs:
    """As the files are kept: encrypted ones are read and written by SealedBlobs alone. Asks nothing of the store yet.

    Raises ConfigurationError.
    """
    if not settings.blobs:
        return FileBlobs(settings.data_dir / FOLDER)
    try:
        from app.storage.s3 import S3Blobs  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "DRAGOMAN_BLOBS=s3://… needs the package obstore: pip install 'dragoman[s3]'."
        ) from error
    return S3Blobs(settings.blobs)


def open_desk(
    settings: Settings,
    database: Database,
    *,
    blobs: Blobs,
    vault: Vault,
    translator: Translator,
    router: Router,
    estimator: Estimator,
    charged: Callable[[LedgerEntry, Sequence[Tally]], object],
    made: Making,
    traces: Traces,
    limiter: Limiter | None,
) -> Desk:
    """`limiter`: None for work that came in by no network."""
    retention = timedelta(hours=settings.job_retention)
    parser = _parser(settings)
    sealed = SealedBlobs(blobs, vault, database)
    allowance = None if limiter is None else Allowance(limiter, Directory(database).sender)
    runner = Runner(
        Leases(database, now=_now, retention=retention, a_tenant=settings.job_chunks_per_tenant, vault=vault),
        translator,
        parser=parser,
        blobs=sealed,
        at_once=settings.job_chunks,
        charged=charged,
        allowance=allowance,
        made=made,
        traces=traces,
    )
    return Desk(
        JobStore(database, now=_now, retention=retention, vault=vault),
        blobs=sealed,
        parser=parser,
        runner=runner,
        router=router,
        window=settings.replay_window,
        forecasting=_forecasting(settings, estimator),
        admit=_admitting(settings),
        allowance=allowance,
    )


def _parser(settings: Settings) -> Parser:
    return Parser(
        ParsingLimits(settings.max_document_bytes, settings.document_memory, settings.document_seconds)
    )


def _forecasting(settings: Settings, estimator: Estimator) -> Forecasting:
    def forecast(order: Order, texts: Sequence[Sequence[str]]) -> dict[str, object]:
        begun = estimator.begin(
            target=order.target,
            source=order.source,
            candidates=listed_codes(settings.candidates),
            tenant=order.tenant,
            batched=True,
        )
        for chunk in texts:
            begun.add(chunk)
        return bodies.estimate(begun.forecast())

    return forecast


def _admitting(settings: Settings) -> Callable[[Connection, NewJob], None]:
    """Its chunks reserve their part of the budget themselves, one by one; what could never be charged is refused at
    once.
    """
    room = Room(settings.job_queue_per_tenant, settings.job_queue)
    rate = Rate(settings.price_per_million, settings.currency)

    def check(connection: Connection, new: NewJob) -> None:
        room.check(connection, new.order.tenant)
        characters = sum(chunk.characters for chunk in new.chunks)
        admit(connection, Claim(new.id, new.order.tenant, characters, 0), rate=rate, now=_now())

    return check


def _now() -> datetime:
    return datetime.now(UTC)

"""Runtime: the parts of a running Dragoman, put together once from Settings; the API and the CLI both use it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from app.charging import Tariff
from app.detection import Detector
from app.engineroom import (
    engine_threads,
    open_dispatcher,
    open_pool,
    pinned,
    routes_file,
    watch,
)
from app.estimate import Estimator
from app.glossary.store import Glossaries
from app.jobs.assembly import open_blobs, open_desk
from app.jobs.census import Census
from app.jobs.desk import Desk
from app.jobs.lookout import Lookout
from app.ledger.committer import Committer
from app.ledger.machine import Machine, MachineTime
from app.ledger.store import Ledger
from app.pace import Pace
from app.plan import Planner
from app.provenance import Making, Origin, Signer, made
from app.quality.watch import QualityWatch, open_watch
from app.recovery import Recovery
from app.repair import Mender
from app.replay import Replays, Terms
from app.replay.store import ReplyStore
from app.review.memory import Memory
from app.review.reviews import Reviews, open_reviews
from app.settings import Settings
from app.storage import scratch
from app.storage.engine import Database, open_database
from app.storage.pulse import FRESH, Pulse
from app.storage.threads import in_store_thread
from app.telemetry import Telemetry
from app.tenants.authentication import Authenticator
from app.tenants.budgets import Budgets
from app.tenants.directory import Directory
from app.tenants.limiter import Limiter
from app.tenants.openness import is_open
from app.tenants.reservations import Rate
from app.translation import TranslationService
from app.validation import Limits, listed_codes
from app.vault.opening import open_vault
from app.vault.vault import Vault
from app.watch import Watch
from batching.dispatcher import Dispatcher
from models.catalogue import Catalogue, installed
from models.contracts import ModelError
from models.pool import ModelPool
from models.preferences import read_preferences
from models.router import Router

log = logging.getLogger("dragoman")

PREPARING = 4
"""Requests prepared side by side. They share one interpreter lock: more would only make each slower."""


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    router: Router
    pool: ModelPool
    dispatcher: Dispatcher
    detector: Detector
    translation: TranslationService
    replays: Replays
    database: Database
    ledger: Ledger
    committer: Committer
    workers: Executor
    """Threads for what the interpreter computes: detection, segmentation, checks."""
    telemetry: Telemetry
    authenticator: Authenticator
    estimator: Estimator
    limiter: Limiter
    budgets: Budgets
    glossaries: Glossaries
    reviews: Reviews
    vault: Vault
    quality: QualityWatch
    signer: Signer
    made: Making
    pulse: Pulse
    """Of the store of files."""
    heartbeat: Pulse
    """Of the database."""
    census: Census
    lookout: Lookout
    desk: Desk
    """Jobs; whoever opens the runtime runs `desk.runner` if it is to do them."""
    watch: Watch
    """Whoever opens the runtime runs `watch.keep` if models may change meanwhile."""
    recovery: Recovery
    """Whoever opens the runtime runs `recovery.keep` if models that failed are to be tried again unasked."""

    @property
    def catalogue(self) -> Catalogue:
        """What is installed now."""
        return self.router.catalogue

    async def warm(self) -> dict[str, str]:
        """Loads what names languages, and the installed models, the pinned ones first, as far as the memory goes.

        Returns the ids of those that failed, with the reason; requests that need them get the same.
        """
        await asyncio.to_thread(self.detector.load)
        failed: dict[str, str] = {}
        room = self.settings.memory_budget
        first = pinned(self.settings)
        for card in sorted(self.catalogue.cards, key=lambda card: card.id not in first):
            size = self.pool.expected(card)
            if size > room:
                continue
            room -= size
            try:
                await self.dispatcher.warm(card)
            except ModelError as error:
                log.error("%s", error)
                failed[card.id] = str(error)
        return failed


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, telemetry: Telemetry | None = None, unlimited: bool = False
) -> AsyncIterator[Runtime]:
    """A Runtime for as long as the context lasts; on leaving it drains and closes.

    `unlimited` lifts the limits on one request's size, for work that came in by no network.
    Raises StorageError for the data directory, InvalidCard for the model directory, InvalidRoutes for the routes file.
    """
    router = Router(_catalogue(settings), read_preferences(routes_file(settings)))
    await asyncio.to_thread(scratch.sweep)
    database = await asyncio.to_thread(
        open_database, settings.data_dir, settings.database_url.get_secret_value()
    )
    try:
        built = _build(
            settings,
            router,
            database,
            await asyncio.to_thread(_detector, settings, at_once=not unlimited),
            await asyncio.to_thread(Signer.open, settings.data_dir, settings.signing_key.get_secret_value()),
            vault=await asyncio.to_thread(open_vault, settings, database),
            telemetry=telemetry
            or Telemetry(batch_tokens=settings.batch_tokens, batch_segments=settings.batch_segments),
            unlimited=unlimited,
        )
        machine = MachineTime(database, _machine(settings), busy=lambda: built.telemetry.busy_ns)
        keeping = asyncio.create_task(machine.keep())
        try:
            yield built
        finally:
            keeping.cancel()
            await _close(built)
            await asyncio.to_thread(machine.write)
    finally:
        database.close()


async def _close(running: Runtime) -> None:
    await running.dispatcher.stop(timeout=running.settings.drain_timeout)
    running.pool.close()
    running.committer.close()
    await running.budgets.close()
    await running.authenticator.close()
    running.workers.shutdown(cancel_futures=True)


def _catalogue(settings: Settings) -> Catalogue:
    """What of it cannot be served is said."""
    found = installed(settings.model_dir)
    for problem in found.problems:
        log.warning("%s", problem.reason)
    for absent in sorted(pinned(settings) - {card.id for card in found.cards}):
        log.warning("DRAGOMAN_PINNED_MODELS names %s, which is not installed.", absent)
    return found


def _machine(settings: Settings) -> Machine:
    return Machine(engine_threads(settings), settings.machine_rate_per_hour, settings.currency)


def _detector(settings: Settings, *, at_once: bool) -> Detector:
    """`at_once`: loaded, so that nobody's request is the one that loads it."""
    detector = Detector(threshold=settings.detection_threshold, engine=settings.detector)
    if at_once:
        detector.load()
    return detector


def _build(
    settings: Settings,
    router: Router,
    database: Database,
    detector: Detector,
    signer: Signer,
    *,
    vault: Vault,
    telemetry: Telemetry,
    unlimited: bool,
) -> Runtime:
    pool = open_pool(settings, telemetry, serves=not unlimited)
    dispatcher = open_dispatcher(settings, router.catalogue, pool, telemetry)
    planner = Planner(detector, router, traces=telemetry.traces)
    workers = ThreadPoolExecutor(PREPARING, thread_name_prefix="prepare")
    ledger = Ledger(database)
    committer = Committer(ledger)
    budgets = Budgets(database, Rate(settings.price_per_million, settings.currency), heard=telemetry.budget)
    limiter = Limiter(database)
    reviews = open_reviews(settings, database, vault)
    estimator = _estimator(settings, router, database, planner)
    blobs, census = open_blobs(settings), Census(database)
    making = partial(made, origin=Origin.of(settings), computing=pool.compute_type)
    translating = _translating(
        settings, planner, router,
        dispatcher=dispatcher, committer=committer, budgets=budgets, workers=workers, memory=reviews.memory,
        telemetry=telemetry,
    )  # fmt: skip
    # A unit of a document may be as long as its longest paragraph.
    desk = open_desk(
        settings, database,
        blobs=blobs, vault=vault, translator=translating(Limits(None, None)), router=router, estimator=estimator,
        made=making, charged=telemetry.charged, traces=telemetry.traces, limiter=None if unlimited else limiter,
    )  # fmt: skip
    return Runtime(
        settings=settings,
        router=router,
        pool=pool,
        dispatcher=dispatcher,
        detector=detector,
        translation=translating(_limits(settings, unlimited=unlimited)),
        replays=_replays(settings, database, vault, telemetry),
        database=database,
        ledger=ledger,
        committer=committer,
        workers=workers,
        telemetry=telemetry,
        authenticator=_authenticator(settings, database),
        estimator=estimator,
        limiter=limiter,
        budgets=budgets,
        glossaries=Glossaries(database, vault=vault),
        reviews=reviews,
        vault=vault,
        quality=open_watch(settings, database, vault),
        signer=signer,
        made=making,
        pulse=Pulse(lambda: in_store_thread(blobs.ping), "The store of files", fresh=FRESH),
        heartbeat=Pulse(lambda: asyncio.to_thread(database.ping), "The database", fresh=0),
        census=census,
        lookout=Lookout(census),
        desk=desk,
        watch=watch(settings, router, dispatcher, pool),
        recovery=Recovery(router, dispatcher, pool),
    )


def _replays(settings: Settings, database: Database, vault: Vault, telemetry: Telemetry) -> Replays:
    terms = Terms(
        settings.replay,
        window=settings.replay_window,
        keep=settings.replay_keep,
        limit=settings.replay_bytes,
        shared=database.engine.dialect.name != "sqlite",
    )
    return Replays(ReplyStore(database, vault), terms, heard=telemetry.replayed)


def _authenticator(settings: Settings, database: Database) -> Authenticator:
    return Authenticator(Directory(database), optional=is_open(settings), foreign=settings.auth == "open")


def _translating(
    settings: Settings,
    planner: Planner,
    router: Router,
    *,
    dispatcher: Dispatcher,
    committer: Committer,
    budgets: Budgets,
    workers: Executor,
    memory: Memory,
    telemetry: Telemetry,
) -> Callable[[Limits], TranslationService]:
    def made(limits: Limits) -> TranslationService:
        return TranslationService(
            planner,
            router,
            dispatcher=dispatcher,
            committer=committer,
            budgets=budgets,
            workers=workers,
            tariff=_tariff(settings),
            limits=limits,
            mender=Mender(tries=settings.repair_tries if settings.repair == "on" else 0),
            candidates=listed_codes(settings.candidates),
            memory=memory,
            traces=telemetry.traces,
            heard=telemetry.translated,
        )

    return made


def _estimator(settings: Settings, router: Router, database: Database, planner: Planner) -> Estimator:
    threads = engine_threads(settings)
    pace = Pace(database, router, data_dir=settings.data_dir, threads=threads)
    return Estimator(planner, pace, _tariff(settings), database, remembers=settings.cache == "tenant")


def _tariff(settings: Settings) -> Tariff:
    return Tariff(
        price_per_million=settings.price_per_million,
        machine_rate_per_hour=settings.machine_rate_per_hour,
        threads=engine_threads(settings),
        currency=settings.currency,
        charge_cached=settings.charge_cached,
    )


def _limits(settings: Settings, *, unlimited: bool) -> Limits:
    return Limits(None, None) if unlimited else Limits(settings.max_texts, settings.max_characters)

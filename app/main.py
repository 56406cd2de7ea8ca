"""create_app(settings): the composition root, nothing else."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Lifespan

from app import __version__
from app.api import deepl, libretranslate, operations, problems, v1
from app.api.authentication import Authentication
from app.api.cors import cors
from app.api.description import describe
from app.api.door import Door
from app.api.middleware import BodyLimit, RequestId
from app.api.shortway import ShortWay
from app.api.surface import Surface, TheirKeys, TheirWords
from app.jobs.assembly import open_blobs
from app.privacy.retention import Retention
from app.runtime import Runtime, open_runtime
from app.settings import OFF, Settings
from app.telemetry import Telemetry
from app.tenants.openness import remark
from app.traces import Traces, open_traces
from app.vault.opening import remark as privacy
from app.vault.tending import tend
from app.web import pages

log = logging.getLogger("dragoman")

DESCRIPTION = (
    "Self-hosted bulk translation: local MarianMT models, a batching queue, and an account of every character. "
    "Errors are `application/problem+json` with a stable `code`."
)


def create_app(settings: Settings, *, traces: Traces | None = None) -> FastAPI:
    """`traces`: others than those that the settings say. Raises ConfigurationError."""
    telemetry = Telemetry(
        batch_tokens=settings.batch_tokens,
        batch_segments=settings.batch_segments,
        traces=open_traces(settings) if traces is None else traces,
    )
    life = partial(_life, settings, telemetry)
    if settings.role == "worker":
        return _worker(life, settings, telemetry)
    app = _described(life)
    app.include_router(v1.router)
    app.include_router(operations.router)
    app.include_router(operations.guarded)
    if settings.web:
        app.include_router(pages.router)
    surfaces = _surfaces(app, settings)
    problems.install(app)
    describe(app, bodies=(*libretranslate.BODIES, *deepl.BODIES))
    _surround(app, settings, surfaces, telemetry)
    return app


@asynccontextmanager
async def _life(settings: Settings, telemetry: Telemetry, app: FastAPI) -> AsyncIterator[None]:
    async with open_runtime(settings, telemetry=telemetry) as running:
        app.state.runtime = running
        said = await asyncio.to_thread(remark, settings, running.database)
        if said is not None:
            log.warning(said)
        log.info(privacy(running.vault))
        await running.replays.open()
        tending = [asyncio.create_task(each) for each in _chores(running)]
        app.state.warming = asyncio.create_task(running.warm() if settings.preload else _nothing())
        yield
        app.state.warming.cancel()
        for task in tending:
            task.cancel()
        await asyncio.gather(app.state.warming, *tending, return_exceptions=True)
    await asyncio.to_thread(telemetry.traces.close)


def _chores(running: Runtime) -> tuple[Coroutine[Any, Any, None], ...]:
    """What goes on beside the requests."""
    return (
        running.replays.tend(running.telemetry.purged),
        running.desk.tend(running.telemetry.purged),
        running.reviews.tend(running.telemetry.purged),
        running.quality.tend(running.telemetry.purged),
        running.lookout.keep() if running.settings.role == "api" else running.desk.runner.run(),
        running.watch.keep(),
        Retention(running.database).tend(running.telemetry.purged),
        running.recovery.keep(),
        tend(running.vault, running.database, open_blobs(running.settings)),
    )


def _worker(life: Lifespan[FastAPI], settings: Settings, telemetry: Telemetry) -> FastAPI:
    """Answers who operates it, and no tenant."""
    app = FastAPI(title="Dragoman", version=__version__, openapi_url=None, lifespan=life)
    app.include_router(operations.router)
    app.include_router(operations.guarded)
    problems.install(app)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, limits={})
    app.add_middleware(Authentication, is_open=lambda _: False)
    app.add_middleware(RequestId, telemetry=telemetry)
    return app


def _described(life: Lifespan[FastAPI]) -> FastAPI:
    return FastAPIOffline(
        title="Dragoman",
        version=__version__,
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0"},
        lifespan=life,
        redoc_url=None,
        # FastAPI's own would hand messages of exceptions, which might hold text, to an OpenTelemetry that is set up.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        # The names of methods in clients generated from the description.
        generate_unique_id_function=lambda route: route.name,
    )


def _surround(app: FastAPI, settings: Settings, surfaces: tuple[Surface, ...], telemetry: Telemetry) -> None:
    """The last one added is the first to see a request."""
    app.add_middleware(ShortWay, ways=v1.WAYS)
    uploads = (v1.DOCUMENTS, pages.UPLOADS, *(path for each in surfaces for path in each.uploads))
    most = settings.max_document_bytes + v1.FORM_BYTES
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, limits=dict.fromkeys(uploads, most))
    app.add_middleware(Door, ways=v1.WAYS)
    app.add_middleware(Authentication, is_open=lambda path: any(each.is_open(path) for each in surfaces))
    app.add_middleware(TheirKeys, surfaces=surfaces, limit=settings.max_body_bytes)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, **cors(settings.cors_origins))
    app.add_middleware(RequestId, telemetry=telemetry)
    app.add_middleware(TheirWords, surfaces=surfaces)


def _surfaces(app: FastAPI, settings: Settings) -> tuple[Surface, ...]:
    """Other services' APIs, as far as they are to be answered."""
    found: list[Surface] = []
    if settings.libretranslate_prefix != OFF:
        found.append(libretranslate.surface(settings.libretranslate_prefix))
        app.include_router(libretranslate.router, prefix=settings.libretranslate_prefix)
    if settings.deepl_prefix != OFF:
        found.append(deepl.surface(settings.deepl_prefix))
        app.include_router(deepl.router, prefix=settings.deepl_prefix)
    return tuple(found)


async def _nothing() -> dict[str, str]:
    return {}

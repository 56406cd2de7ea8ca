"""What an operator's tools ask: is it alive, is it ready, how is it doing."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from app.api.access import TO_OPERATE, GuardedRoute
from app.api.deps import Running, reply
from app.api.schemas.operations import HealthReply, ReadyDetailReply, ReadyReply
from app.runtime import Runtime

router = APIRouter(tags=["operations"])
_LOST = {
    "database": "The database does not answer, or cannot be used: the log and /readyz/detail say why.",
    "files": "The store of files does not answer, or cannot be used: the log and /readyz/detail say why.",
}
guarded = APIRouter(tags=["operations"], route_class=GuardedRoute)


@router.get("/healthz", response_model=HealthReply, summary="Is the process alive")
async def healthz() -> Response:
    """200 as long as the process answers at all; says nothing of models and database."""
    return reply({"status": "ok"})


@router.get(
    "/readyz",
    response_model=ReadyReply,
    summary="Can it take work",
    responses={503: {"model": ReadyReply, "description": "Not now; the body says why."}},
)
async def readyz(request: Request, running: Running) -> Response:
    """200 once the models are warm, unless all failed and none came back, and while the database answers.

    Where the store of files is away, documents are answered 503 and texts go on: `files` and `problems` say so.
    """
    body = await _readiness(request, running)
    told = [*_lost(body), *_failed(running, request.app.state.warming).values()]
    return _answer({**body, "problems": told})


@guarded.get(
    "/readyz/detail",
    response_model=ReadyDetailReply,
    summary="What it lacks, part by part",
    responses={503: {"model": ReadyDetailReply, "description": "Not ready; the same body."}},
    dependencies=[Depends(TO_OPERATE.caller)],
)
async def readyz_detail(request: Request, running: Running) -> Response:
    """The answer of `/readyz` with each fault in full and figures, for operators: a key needs the scope `admin`.

    Says nothing of tenants.
    """
    body, found = await asyncio.gather(_readiness(request, running), running.census.counts())
    aside = running.pool.quarantined
    return _answer(
        {
            **body,
            "database_seconds": running.heartbeat.seconds,
            "files_seconds": running.pulse.seconds,
            "queue_tokens": running.telemetry.waiting,
            "queue_limit": running.settings.queue_tokens,
            "problems": [*body["problems"], *filter(None, [running.lookout.fault])],
            "jobs": found and {state.value: count for state, count in found.jobs.items()},
            "chunks": found and {"waiting": found.waiting, "working": found.working},
            "installed": len(running.catalogue.cards),
            "loaded": sorted(running.pool.resident),
            "set_aside": [{"model": model, "reason": aside[model]} for model in sorted(aside)],
        }
    )


async def _readiness(request: Request, running: Runtime) -> dict[str, Any]:
    fault, lost = await asyncio.gather(running.heartbeat.fault(), running.pulse.fault())
    warming: asyncio.Task[dict[str, str]] = request.app.state.warming
    failed = _failed(running, warming)
    models = _models(running, warming, failed)
    return {
        "status": _status(fault, models),
        "database": "unavailable" if fault else "ok",
        "files": "unavailable" if lost else "ok",
        "models": models,
        "problems": [*filter(None, [fault, lost]), *failed.values()],
    }


def _lost(body: Mapping[str, Any]) -> list[str]:
    """For everyone: what an operator's own things are called is in the detail and the log."""
    return [sentence for part, sentence in _LOST.items() if body[part] != "ok"]


def _answer(body: dict[str, Any]) -> Response:
    status = 200 if body["status"] == "ready" else 503
    return Response(orjson.dumps(body), status, media_type="application/json")


@guarded.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=PlainTextResponse,
    dependencies=[Depends(TO_OPERATE.caller)],
)
async def metrics(running: Running) -> Response:
    """In the Prometheus text format; of the service as a whole, so a key needs the scope `admin`."""
    running.telemetry.jobs(await running.census.counts())
    return Response(running.telemetry.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _status(fault: str | None, models: str) -> str:
    if fault or models == "unavailable":
        return "unavailable"
    return "starting" if models == "loading" else "ready"


def _failed(running: Runtime, warming: asyncio.Task[dict[str, str]]) -> dict[str, str]:
    """Of the models that failed at the start those that have not come back."""
    aside = running.pool.quarantined
    found = warming.result() if warming.done() else {}
    return {model: reason for model, reason in found.items() if model in aside}


def _models(running: Runtime, warming: asyncio.Task[dict[str, str]], failed: dict[str, str]) -> str:
    if not warming.done():
        return "loading"
    if len(failed) == len(running.catalogue.cards):
        return "unavailable"
    return "degraded" if failed else "ok"

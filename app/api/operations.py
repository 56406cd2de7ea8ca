"""What an operator's tools ask: is it alive, is it ready, how is it doing."""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.api.deps import Running, reply
from app.api.schemas import HealthReply, ReadyReply
from app.errors import StorageError
from app.runtime import Runtime

router = APIRouter(tags=["operations"])


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
    """200 once the models are warm and while the database answers."""
    database = await _database(running)
    warming: asyncio.Task[dict[str, str]] = request.app.state.warming
    failed = warming.result() if warming.done() else {}
    status = _status(database, warm=warming.done())
    body: dict[str, Any] = {
        "status": status,
        "database": database,
        "models": "loading" if not warming.done() else "degraded" if failed else "ok",
        "problems": list(failed.values()),
    }
    return Response(orjson.dumps(body), 200 if status == "ready" else 503, media_type="application/json")


@router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
async def metrics(running: Running) -> Response:
    """In the Prometheus text format."""
    return Response(running.telemetry.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _status(database: str, *, warm: bool) -> str:
    if database != "ok":
        return "unavailable"
    return "ready" if warm else "starting"


async def _database(running: Runtime) -> str:
    try:
        await asyncio.to_thread(running.database.ping)
    except StorageError:
        return "unavailable"
    return "ok"

"""/v1/jobs: what became of documents."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.api.access import TO_LOOK_AROUND, DocumentSender, GuardedRoute
from app.api.attachment import A_FILE, CORRECTED, SANDBOX, attachment
from app.api.deps import Running, reply
from app.api.negotiation import preferred
from app.api.problems import refusals
from app.api.ranges import Ranged
from app.api.schemas.jobs import JobReply, JobReportReply, JobsReply
from app.api.schemas.statements import StatementKeyReply, StatementReply
from app.audit.log import Action
from app.errors import NotThere
from app.jobs import bodies
from app.jobs.page import page
from app.jobs.statement import statement
from app.provenance.signing import ALGORITHM
from app.runtime import Runtime

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["documents"])

JobId = Annotated[str, Path(max_length=100, description="As `POST /v1/documents` gave it.")]
Form = Literal["json", "html"]
MEDIA: dict[str, Form] = {"application/json": "json", "text/html": "html"}
TICK = 0.5
"""Seconds between two looks at a job that somebody watches."""
QUIET = 15.0
"""Seconds without news after which a watcher hears that the line still stands."""


@router.get("/jobs", response_model=JobsReply, summary="The tenant's jobs", responses=refusals(503))
async def jobs(running: Running, caller: DocumentSender) -> Response:
    """The newest hundred, deleted ones included for a while."""
    found = await running.desk.newest(caller.tenant.name)
    currency = running.settings.currency
    return reply({"jobs": [bodies.job(job, progress, currency=currency) for job, progress in found]})


@router.get(
    "/jobs/{id}", response_model=JobReply, summary="How a job is doing", responses=refusals(404, 422, 503)
)
async def job(id: JobId, running: Running, caller: DocumentSender) -> Response:  # noqa: A002
    """State, progress, doubts by kind, and what it came to so far."""
    return reply(await _body(running, caller.tenant.name, id))


@router.get(
    "/jobs/{id}/events",
    summary="Watch a job",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **refusals(404, 422, 503),
    },
)
async def events(
    request: Request,
    id: JobId,  # noqa: A002
    running: Running,
    caller: DocumentSender,
) -> Response:
    """Server-sent events: `progress` with the job whenever something changed, at last `end`.

    A stream without an `end` was cut off, by a restart of the service for example: ask again.
    """
    tenant = caller.tenant.name
    first = await _body(running, tenant, id)
    told = _told(running, tenant, first, stopping=lambda: getattr(request.app.state, "stopping", False))
    return StreamingResponse(told, media_type="text/event-stream")


@router.get(
    "/jobs/{id}/result",
    summary="The translated file",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": A_FILE,
            "headers": {
                "ETag": {"description": "For `If-Range`.", "schema": {"type": "string"}},
                CORRECTED: {
                    "description": "Of `corrected`: segments that a person wrote.",
                    "schema": {"type": "integer"},
                },
            },
        },
        206: {
            "description": "The part that `Range` asks for.",
            "content": A_FILE,
            "headers": {"Content-Range": {"schema": {"type": "string"}}},
        },
        **refusals(404, 409, 410, 416, 422, 503),
    },
)
async def result(
    id: JobId,  # noqa: A002
    running: Running,
    caller: DocumentSender,
    asked: Ranged,
    corrected: Annotated[bool, Query(description="With people's corrections in their places.")] = False,
) -> Response:
    """In the format of the document, or the one next to it, named after it and its new language.

    `corrected`: composed anew with the corrections of its segments (`/v1/review`); nothing is charged for it, and the
    file that was delivered stays as it is. `X-Corrected-Segments` says how many there are. `Range` asks for a part of
    a file that is not `corrected`; of several parts at once, and of none that is one, all of it is given.
    """
    if corrected:
        found, file, count = await running.desk.corrected(caller.tenant.name, id, key_id=caller.key_id)
        return attachment(found, file, headers={**SANDBOX, CORRECTED: str(count)})
    whole = await running.desk.result(caller.tenant.name, id, key_id=caller.key_id, wanted=asked.of)
    return attachment(*whole, in_parts=True)


@router.get(
    "/jobs/{id}/report",
    response_model=JobReportReply,
    summary="What is to be known of a translation",
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}}}},
        **refusals(404, 410, 422, 503),
    },
)
async def report(
    id: JobId,  # noqa: A002
    running: Running,
    caller: DocumentSender,
    format: Annotated[Form | None, Query(description="Goes before the Accept header.")] = None,  # noqa: A002
    accept: Annotated[str | None, Header(description="JSON or text/html.")] = None,
) -> Response:
    """Languages found, models, cost, every doubt with its place, chunks that failed. It holds no text."""
    found, progress, chunks = await running.desk.report(caller.tenant.name, id)
    await running.desk.noted(Action.JOB_REPORTED, found, key_id=caller.key_id)
    currency = running.settings.currency
    body = await asyncio.to_thread(bodies.report, found, progress, chunks, currency=currency)
    headers = {"Vary": "Accept", **SANDBOX}
    if (format or MEDIA[preferred(accept, list(MEDIA))]) == "html":
        return Response(await asyncio.to_thread(page, body), headers=headers, media_type="text/html")
    return reply(body, headers=headers)


@router.get(
    "/jobs/{id}/statement",
    response_model=StatementReply,
    summary="A signed statement of how a translation came about",
    responses=refusals(404, 409, 410, 422, 503),
)
async def job_statement(id: JobId, running: Running, caller: DocumentSender) -> Response:  # noqa: A002
    """Every segment with its text, models, certainty, doubts and repairs; what it was made with; SHA-256 of both files.

    Signed with Ed25519 over the canonical JSON of `statement` (keys sorted, no spaces, UTF-8). docs/provenance.md.
    """
    found, chunks, files, theirs = await running.desk.evidence(caller.tenant.name, id)
    await running.desk.noted(Action.JOB_STATED, found, key_id=caller.key_id)
    enforced = await asyncio.to_thread(running.desk.runner.enforced, found)
    body = await asyncio.to_thread(
        statement, found, chunks, document=files, enforced=enforced, corrections=theirs
    )
    return reply(running.signer.signed(body), headers={"Cache-Control": "no-store"})


@router.get(
    "/statement-key",
    response_model=StatementKeyReply,
    summary="The public key of statements",
    dependencies=[Depends(TO_LOOK_AROUND.caller)],
)
async def statement_key(running: Running) -> Response:
    """To compare with the one in a statement."""
    return reply({"algorithm": ALGORITHM, "public_key": running.signer.public_key})


@router.delete(
    "/jobs/{id}", response_model=JobReply, summary="Cancel or delete a job", responses=refusals(404, 422, 503)
)
async def delete_job(id: JobId, running: Running, caller: DocumentSender) -> Response:  # noqa: A002
    """A job that is not over stops at once; what was delivered of it stays charged. Source and result are deleted."""
    found, progress = await running.desk.delete(caller.tenant.name, id, key_id=caller.key_id)
    return reply(bodies.job(found, progress, currency=running.settings.currency))


async def _body(running: Runtime, tenant: str, job: str) -> dict[str, Any]:
    found, progress = await running.desk.get(tenant, job)
    return bodies.job(found, progress, currency=running.settings.currency)


async def _told(
    running: Runtime, tenant: str, body: dict[str, Any], *, stopping: Callable[[], bool]
) -> AsyncIterator[bytes]:
    told, quiet = b"", 0.0
    while not stopping():
        news = orjson.dumps({**body, "eta_seconds": None})
        if news != told:
            yield b"event: progress\ndata: " + orjson.dumps(body) + b"\n\n"
            told, quiet = news, 0.0
        elif quiet >= QUIET:
            yield b": \n\n"
            quiet = 0.0
        if body["finished_at"] is not None:
            yield b"event: end\ndata: " + orjson.dumps({"state": body["state"]}) + b"\n\n"
            return
        await asyncio.sleep(TICK)
        quiet += TICK
        try:
            body = await _body(running, tenant, body["id"])
        except NotThere:
            return

"""/v1/memory: what people's corrections make."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from app.api.access import GuardedRoute, Reviewer, ReviewReader
from app.api.deps import Running, reply
from app.api.problems import refusals
from app.api.schemas.review import ErasedReply, MemoryReply
from app.api.v1.review import After, Job, OlderThan, ago
from app.review import bodies, tmx

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["review"])
MOST = 1_000


@router.get(
    "/memory",
    response_model=MemoryReply,
    summary="The tenant's translation memory",
    responses={
        200: {"content": {tmx.MEDIA_TYPE: {"schema": {"type": "string"}}}},
        **refusals(400, 422, 503),
    },
)
async def memory(
    running: Running,
    caller: ReviewReader,
    format: Annotated[Literal["json", "tmx"], Query(description="`tmx`: all of it, as TMX 1.4b.")] = "json",  # noqa: A002
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    after: After = None,
) -> Response:
    """The newest first."""
    known, tenant = running.reviews.memory, caller.tenant.name
    if format == "tmx":
        return StreamingResponse(tmx.written(known.every(tenant)), media_type=tmx.MEDIA_TYPE)
    found = await asyncio.to_thread(known.page, tenant, after=after, limit=limit)
    version = await asyncio.to_thread(known.version, tenant)
    entries = [bodies.entry(each) for each in found.entries]
    return reply({"version": version, "entries": entries, "next": found.next})


@router.delete(
    "/memory",
    response_model=ErasedReply,
    summary="Erase entries of the memory",
    responses=refusals(400, 422, 503),
)
async def erase_memory(
    running: Running, caller: Reviewer, job: Job = None, older_than: OlderThan = None
) -> Response:
    """What corrections of one document left, older entries, or all, for good. Noted in the audit log."""
    gone = await asyncio.to_thread(
        running.reviews.memory.forget,
        caller.tenant.name,
        job=job,
        before=ago(older_than),
        key_id=caller.key_id,
    )
    return reply({"erased": gone})


@router.delete(
    "/memory/{id}",
    status_code=204,
    summary="Delete an entry of the memory",
    responses=refusals(404, 422, 503),
)
async def delete_memory_entry(
    id: Annotated[str, Path(max_length=100)],  # noqa: A002
    running: Running,
    caller: Reviewer,
) -> Response:
    """For good. Noted in the audit log."""
    await asyncio.to_thread(running.reviews.memory.forget, caller.tenant.name, entry=id, key_id=caller.key_id)
    return Response(status_code=204)

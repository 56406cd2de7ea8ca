"""/v1/review and /v1/memory: flagged segments for people to decide, and what their corrections make."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from app.api.access import DocumentSender, GuardedRoute
from app.api.deps import OrjsonRoute, Running, reply
from app.api.problems import refusals
from app.api.schemas.review import AgreementReply, MemoryReply, ReviewBody, ReviewItem, ReviewReply
from app.review import bodies, tmx
from app.review.reviews import Shown
from app.review.verdict import Decision, Place

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["review"])
deciding = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["review"])
MOST = 100


@router.get(
    "/review", response_model=ReviewReply, summary="Flagged segments to decide", responses=refusals(422, 503)
)
async def review(
    running: Running,
    caller: DocumentSender,
    state: Annotated[Shown, Query(description="Not decided yet, or left to somebody else.")] = "open",
    job: Annotated[str | None, Query(max_length=100, description="Of one document.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    """Of the tenant's documents whose texts are still there, the oldest first, with what its memory has for them."""
    found = await asyncio.to_thread(
        running.reviews.queue, caller.tenant.name, shown=state, job=job, limit=limit
    )
    return reply({"segments": [bodies.item(each) for each in found]})


@deciding.post(
    "/review/{id}",
    response_model=ReviewItem,
    summary="Accept, correct or escalate a segment",
    responses=refusals(400, 404, 413, 415, 422, 503),
)
async def decide(
    id: Annotated[str, Path(max_length=200)],  # noqa: A002
    body: ReviewBody,
    running: Running,
    caller: DocumentSender,
) -> Response:
    """The newest decision counts. A correction goes into the tenant's memory; the document's file stays as it is."""
    decision = Decision(body.verdict, body.text, body.reason)
    found = await asyncio.to_thread(
        running.reviews.decide, caller.tenant.name, Place.of(id), decision, key_id=caller.key_id
    )
    return reply(bodies.item(found))


@router.get(
    "/review/agreement",
    response_model=AgreementReply,
    summary="How often flagged segments were right, by pair and models",
    responses=refusals(503),
)
async def review_agreement(running: Running, caller: DocumentSender) -> Response:
    """Of what was flagged before anybody looked: how often a doubt was unfounded."""
    found = await asyncio.to_thread(running.reviews.agreement, caller.tenant.name)
    return reply({"agreement": [bodies.agreement(each) for each in found]})


@router.get(
    "/memory",
    response_model=MemoryReply,
    summary="The tenant's translation memory",
    responses={200: {"content": {tmx.MEDIA_TYPE: {"schema": {"type": "string"}}}}, **refusals(422, 503)},
)
async def memory(
    running: Running,
    caller: DocumentSender,
    format: Annotated[Literal["json", "tmx"], Query()] = "json",  # noqa: A002
) -> Response:
    """The newest first; as TMX 1.4b for other tools."""
    found = await asyncio.to_thread(running.reviews.memory.entries, caller.tenant.name)
    if format == "tmx":
        return Response(await asyncio.to_thread(tmx.written, found), media_type=tmx.MEDIA_TYPE)
    return reply({"entries": [bodies.entry(each) for each in found]})


@router.delete(
    "/memory/{id}",
    status_code=204,
    summary="Delete an entry of the memory",
    responses=refusals(404, 422, 503),
)
async def delete_memory_entry(
    id: Annotated[str, Path(max_length=100)],  # noqa: A002
    running: Running,
    caller: DocumentSender,
) -> Response:
    """For good."""
    await asyncio.to_thread(running.reviews.memory.forget, caller.tenant.name, id)
    return Response(status_code=204)

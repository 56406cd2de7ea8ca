"""/v1/review: flagged segments for people to decide, and how often they were right."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from app.api.access import GuardedRoute, Reviewer, ReviewReader
from app.api.deps import OrjsonRoute, Running, reply
from app.api.problems import refusals
from app.api.schemas.review import AgreementReply, ErasedReply, ReviewBody, ReviewItem, ReviewReply
from app.review import bodies
from app.review.queue import Shown
from app.review.verdict import Decision, Place
from app.tenants.tenant import Recall

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["review"])
deciding = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["review"])
MOST = 100
After = Annotated[str | None, Query(max_length=300, description="`next` of the page before.")]
Job = Annotated[str | None, Query(max_length=100, description="Of one document.")]
OlderThan = Annotated[
    int | None, Query(ge=0, le=36_500, description="Days: what is older alone.", examples=[90])
]


@router.get(
    "/review", response_model=ReviewReply, summary="Flagged segments to decide", responses=refusals(400, 422, 503)
)  # fmt: skip
async def review(
    running: Running,
    caller: ReviewReader,
    state: Annotated[Shown, Query(description="Not decided yet, or left to somebody else.")] = "open",
    job: Job = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    after: After = None,
) -> Response:
    """Of the tenant's documents whose texts are still there, the oldest first, with what its memory has for them.

    A page may be short or empty and have a `next`: it looks through a bounded number of segments, decided ones too.
    """
    found = await asyncio.to_thread(
        running.reviews.queue,
        caller.tenant.name,
        shown=state,
        job=job,
        after=after,
        limit=limit,
        matched=running.reviews.policy(caller.tenant) is not Recall.OFF,
    )
    return reply({"segments": [bodies.item(each) for each in found.items], "next": found.next})


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
    caller: Reviewer,
) -> Response:
    """The newest decision counts. A correction goes into the tenant's memory, unless its policy is `off`, and into
    `GET /v1/jobs/{id}/result?corrected=true`; the file that was delivered stays as it is.
    """
    decision = Decision(body.verdict, body.text, body.reason)
    found = await asyncio.to_thread(
        running.reviews.decide,
        caller.tenant.name,
        Place.of(id),
        decision,
        key_id=caller.key_id,
        remembered=running.reviews.policy(caller.tenant) is not Recall.OFF,
    )
    return reply(bodies.item(found))


@router.get(
    "/review/agreement",
    response_model=AgreementReply,
    summary="How often flagged segments were right, by pair and models",
    responses=refusals(503),
)
async def review_agreement(running: Running, caller: ReviewReader) -> Response:
    """Of what was flagged before anybody looked: how often a doubt was unfounded."""
    found = await asyncio.to_thread(running.reviews.agreement, caller.tenant.name)
    return reply({"agreement": [bodies.agreement(each) for each in found]})


@router.delete(
    "/review",
    response_model=ErasedReply,
    summary="Erase verdicts",
    responses=refusals(400, 422, 503),
)
async def erase_verdicts(
    running: Running, caller: Reviewer, job: Job = None, older_than: OlderThan = None
) -> Response:
    """Verdicts with the corrections that stayed with documents, for good: of one document, older ones, or all.

    What is in doubt and still there is to be decided again. Entries of the memory are erased by `DELETE /v1/memory`.
    Noted in the audit log.
    """
    gone = await asyncio.to_thread(
        running.reviews.forget, caller.tenant.name, job=job, before=ago(older_than), key_id=caller.key_id
    )
    return reply({"erased": gone})


def ago(days: int | None) -> datetime | None:
    return None if days is None else datetime.now(UTC) - timedelta(days=days)

"""/v1/quality: the report, and samples of segments for people to rate."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from app.api.access import GuardedRoute, Reviewer, UsageReader
from app.api.deps import OrjsonRoute, Running, reply
from app.api.negotiation import preferred
from app.api.problems import refusals
from app.api.schemas.quality import (
    QualityReply,
    RatingBody,
    SampleBody,
    SampleReply,
    SampleSegmentsReply,
    SamplesReply,
)
from app.api.v1.usage import HEADERS, tenant_of
from app.quality import bodies
from app.quality.page import page
from app.quality.report import BASELINE, LONGEST, GroupBy, asked_for, pair_of
from app.review.verdict import Place
from app.tenants.directory import Directory

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["quality"])
changing = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["quality"])

SampleId = Annotated[str, Path(max_length=100, description="As `POST /v1/quality/samples` gave it.")]

Form = Literal["json", "html"]
MEDIA: dict[str, Form] = {"application/json": "json", "text/html": "html"}


@dataclass(frozen=True, slots=True)
class Wanted:
    since: Annotated[date | None, Query(description="First UTC day of now; a week ago if left out.")] = None
    until: Annotated[date | None, Query(description="Last UTC day, included; today if left out.")] = None
    baseline: Annotated[int, Query(ge=1, le=LONGEST, description="Days before it to compare with.")] = (
        BASELINE
    )
    group_by: Annotated[GroupBy, Query(description="`route` is a pair and its models.")] = "route"
    pair: Annotated[str | None, Query(max_length=40, description="One alone, as `pt-en`.")] = None
    model: Annotated[str | None, Query(max_length=200, description="One alone, by its id.")] = None
    format: Annotated[Form | None, Query(description="Goes before the Accept header.")] = None


@router.get(
    "/quality",
    response_model=QualityReply,
    summary="Doubts and confidence now and before, and whether they drifted",
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}, **refusals(404, 422, 503)},
)
async def quality(
    running: Running,
    caller: UsageReader,
    wanted: Annotated[Wanted, Depends()],
    accept: Annotated[str | None, Header(description="JSON or text/html.")] = None,
    tenant: Annotated[
        str | None,
        Query(max_length=100, description="Another than the key's, or `*` for all: with the scope `admin`."),
    ] = None,
) -> Response:
    """Segments in a thousand with each flag, and mean confidence, against the days before, with a verdict on each."""
    watch = running.quality
    asked = asked_for(
        watch.today,
        since=wanted.since,
        until=wanted.until,
        baseline=wanted.baseline,
        by=wanted.group_by,
        tenant=await tenant_of(caller, tenant, Directory(running.database)),
        pair=None if wanted.pair is None else pair_of(wanted.pair),
        model=wanted.model,
    )
    if (wanted.format or MEDIA[preferred(accept, list(MEDIA))]) == "html":
        made = await asyncio.to_thread(
            lambda: page(
                watch.report(asked), watch.weeks(asked), watch.ratings(asked), made=datetime.now(UTC)
            )
        )
        return Response(made, headers=HEADERS, media_type="text/html")
    body = await asyncio.to_thread(lambda: bodies.report(watch.report(asked), watch.ratings(asked)))
    return reply(body, headers=HEADERS)


@router.get(
    "/quality/samples", response_model=SamplesReply, summary="The tenant's samples", responses=refusals(503)
)
async def samples(running: Running, caller: Reviewer) -> Response:
    """The newest first, with how many of their segments are rated, wait, or were deleted before that."""
    found = await asyncio.to_thread(running.quality.samples.all, caller.tenant.name)
    return reply({"samples": [bodies.sample(each) for each in found]})


@changing.post(
    "/quality/samples",
    status_code=201,
    response_model=SampleReply,
    summary="Draw a sample of translated segments to rate",
    responses=refusals(400, 413, 415, 422, 503),
)
async def draw_sample(body: SampleBody, running: Running, caller: Reviewer) -> Response:
    """Of the tenant's documents whose texts are still there, flagged or not, each segment with the same chance."""
    made = await asyncio.to_thread(
        running.quality.samples.draw,
        caller.tenant.name,
        body.size,
        pair=None if body.pair is None else pair_of(body.pair),
        seed=body.seed,
        key_id=caller.key_id,
    )
    answer = reply(bodies.sample(made))
    answer.status_code = 201
    return answer


@router.get(
    "/quality/samples/{id}",
    response_model=SampleSegmentsReply,
    summary="A sample, and segments of it to rate",
    responses=refusals(404, 422, 503),
)
async def sample(
    id: SampleId,  # noqa: A002
    running: Running,
    caller: Reviewer,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> Response:
    """In the order of the draw, without their flags, which would sway who rates."""
    kept, tenant = running.quality.samples, caller.tenant.name
    found = await asyncio.to_thread(kept.get, tenant, id)
    waiting = await asyncio.to_thread(kept.waiting, tenant, sample=id, limit=limit)
    return reply({**bodies.sample(found), "segments": [bodies.segment(*each) for each in waiting]})


@changing.post(
    "/quality/samples/{id}/ratings",
    response_model=SampleReply,
    summary="Rate a segment of a sample",
    responses=refusals(400, 404, 413, 415, 422, 503),
)
async def rate(
    id: SampleId,  # noqa: A002
    body: RatingBody,
    running: Running,
    caller: Reviewer,
) -> Response:
    """The newest rating counts. The sample as it stands then."""
    kept, tenant = running.quality.samples, caller.tenant.name
    place = Place.of(body.segment)
    await asyncio.to_thread(kept.rate, tenant, id, place, body.rating, key_id=caller.key_id)
    return reply(bodies.sample(await asyncio.to_thread(kept.get, tenant, id)))

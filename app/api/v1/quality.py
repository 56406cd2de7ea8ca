"""GET /v1/quality."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from app.api.access import GuardedRoute, UsageReader
from app.api.deps import Running, reply
from app.api.negotiation import preferred
from app.api.problems import refusals
from app.api.schemas.quality import QualityReply
from app.api.v1.usage import HEADERS, tenant_of
from app.quality import bodies
from app.quality.page import page
from app.quality.report import BASELINE, LONGEST, GroupBy, asked_for, pair_of
from app.tenants.directory import Directory

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["quality"])

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
            lambda: page(watch.report(asked), watch.weeks(asked), made=datetime.now(UTC))
        )
        return Response(made, headers=HEADERS, media_type="text/html")
    return reply(bodies.report(await asyncio.to_thread(watch.report, asked)), headers=HEADERS)

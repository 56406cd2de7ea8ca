"""GET /v1/usage."""

import asyncio
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app import bodies
from app.api.deps import Running, reply
from app.api.problems import refusals
from app.api.schemas import UsageReply
from app.errors import InvalidRequest
from app.ledger.report import usage as report
from app.results import LOCAL_TENANT

router = APIRouter(prefix="/v1", tags=["usage"])


@router.get(
    "/usage",
    response_model=UsageReply,
    summary="What was used and what it cost",
    responses=refusals(422, 503),
)
async def usage(
    running: Running,
    since: Annotated[date | None, Query(description="First UTC day, YYYY-MM-DD.")] = None,
    until: Annotated[date | None, Query(description="Last UTC day, included.")] = None,
    group_by: Annotated[Literal["day", "pair", "model"] | None, Query()] = None,
) -> Response:
    """Totals from the ledger, and rows by day, pair or model."""
    if since is not None and until is not None and since > until:
        raise InvalidRequest("`since` is after `until`. Swap them.")
    found = await asyncio.to_thread(
        report,
        running.database,
        tenant=LOCAL_TENANT,
        currency=running.settings.currency,
        since=since,
        until=until,
        group_by=group_by,
    )
    return reply(bodies.usage(found))

"""GET /v1/usage."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Response

from app import bodies
from app.api.access import GuardedRoute, UsageReader
from app.api.deps import Running, reply
from app.api.negotiation import preferred
from app.api.problems import refusals
from app.api.schemas.usage import UsageReply
from app.errors import InvalidRequest
from app.ledger.exchange import parse_rates
from app.ledger.report import GroupBy, UsageReport
from app.ledger.report import usage as report
from app.ledger.vendors import bills
from app.reports.page import SECTIONS, page
from app.reports.sheet import sheet
from app.runtime import Runtime
from app.tenants.caller import Caller
from app.tenants.directory import Directory
from app.tenants.tenant import Scope

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["usage"])

EVERYONE = "*"
Form = Literal["json", "csv", "html"]
MEDIA: dict[str, Form] = {"application/json": "json", "text/csv": "csv", "text/html": "html"}
HEADERS = {
    "Vary": "Accept",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
"""The page holds its own style and nothing else; whatever got into it is not run."""


@dataclass(frozen=True, slots=True)
class Asked:
    since: Annotated[date | None, Query(description="First UTC day, YYYY-MM-DD.")] = None
    until: Annotated[date | None, Query(description="Last UTC day, included.")] = None
    group_by: Annotated[
        GroupBy | None, Query(description="A row each; a page without it shows every grouping.")
    ] = None
    format: Annotated[Form | None, Query(description="Goes before the Accept header.")] = None


@router.get(
    "/usage",
    response_model=UsageReply,
    summary="What was used and what it cost",
    responses={
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "text/html": {"schema": {"type": "string"}},
            }
        },
        **refusals(404, 422, 503),
    },
)
async def usage(
    running: Running,
    caller: UsageReader,
    asked: Annotated[Asked, Depends()],
    accept: Annotated[str | None, Header(description="JSON, text/csv or text/html.")] = None,
    tenant: Annotated[
        str | None,
        Query(max_length=100, description="Another than the key's, or `*` for all: with the scope `admin`."),
    ] = None,
) -> Response:
    """Totals from the ledger, rows by whatever is asked, and what the same would have cost elsewhere."""
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        raise InvalidRequest("`since` is after `until`. Swap them.")
    form = asked.format or MEDIA[preferred(accept, list(MEDIA))]
    groups = SECTIONS if form == "html" and asked.group_by is None else ()
    found = await asyncio.to_thread(
        report,
        running.database,
        tenant=await tenant_of(caller, tenant, Directory(running.database)),
        currency=running.settings.currency,
        since=asked.since,
        until=asked.until,
        group_by=asked.group_by,
        groups=groups,
    )
    return await asyncio.to_thread(_answer, form, found, running)


def _answer(form: Form, found: UsageReport, running: Runtime) -> Response:
    if form == "csv":
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="usage.csv"'}
        return Response(sheet(found), headers=headers, media_type="text/csv")
    elsewhere = bills(found.sent, currency=found.currency, rates=parse_rates(running.settings.exchange_rates))
    if form == "html":
        made = page(found, elsewhere, made=datetime.now(UTC))
        return Response(made, headers=HEADERS, media_type="text/html")
    return reply(bodies.usage(found, elsewhere), headers=HEADERS)


async def tenant_of(caller: Caller, wanted: str | None, directory: Directory) -> str | None:
    """None is all of them. Raises ScopeMissing before it is said whether there is such a tenant, then NotThere."""
    if wanted is None or wanted == caller.tenant.name:
        return caller.tenant.name
    caller.require(Scope.ADMIN)
    if wanted == EVERYONE:
        return None
    found = await asyncio.to_thread(directory.tenant, wanted)
    return found.name

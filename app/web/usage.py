"""/usage: what was used and what it cost, of the tenant, or of all for who may see it."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.ledger.exchange import parse_rates
from app.ledger.report import UsageReport
from app.ledger.report import usage as report
from app.ledger.vendors import bills
from app.ledger.wording import amount
from app.reports.page import SECTIONS
from app.reports.page import page as report_page
from app.reports.sheet import sheet
from app.tenants.tenant import Scope
from app.web.rendering import HEADERS, inline_styled, page
from app.web.routing import PageRoute
from app.web.visitor import UsageVisitor, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)
EVERYONE = "*"
WhoseUsage = Annotated[str, Query(alias="tenant", max_length=100)]


@router.get("/usage")
async def usage(request: Request, visitor: UsageVisitor, whose: WhoseUsage = "") -> Response:
    found = await _report(visitor, whose)
    sections = {section.group_by: section.rows for section in found.sections}
    return page(
        request,
        "usage.html",
        report=found,
        everyone=found.tenant is None,
        months=sections["month"],
        pairs=sections["pair"],
        tenants=sections["tenant"] if found.tenant is None else (),
        money=partial(_money, found.currency),
        admin=visitor.may(Scope.ADMIN),
    )


@router.get("/usage/report")
async def full_report(visitor: UsageVisitor, whose: WhoseUsage = "", format: str = "html") -> Response:  # noqa: A002
    """The self-contained page of app.reports, to keep or to print, or its figures as CSV."""
    found = await _report(visitor, whose)
    if format == "csv":
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="usage.csv"'}
        return Response(sheet(found), headers=headers, media_type="text/csv")
    return inline_styled(await asyncio.to_thread(_page, visitor, found))


async def _report(visitor: Visitor, whose: str) -> UsageReport:
    """Raises ScopeMissing for all tenants without the scope."""
    caller = visitor.who
    if whose == EVERYONE:
        caller.require(Scope.ADMIN)
    return await asyncio.to_thread(
        report,
        visitor.running.database,
        tenant=None if whose == EVERYONE else caller.tenant.name,
        currency=visitor.running.settings.currency,
        since=None,
        until=None,
        group_by=None,
        groups=SECTIONS,
    )


def _page(visitor: Visitor, found: UsageReport) -> str:
    rates = parse_rates(visitor.running.settings.exchange_rates)
    return report_page(found, bills(found.sent, currency=found.currency, rates=rates), made=datetime.now(UTC))


def _money(currency: str, nanos: int) -> str:
    return amount(nanos, currency)

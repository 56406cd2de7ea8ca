"""The queue of flagged segments, worked through by a person."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.errors import InvalidRequest
from app.review.queue import Page, Shown
from app.review.verdict import Decision, Place, Reason, Verdict
from app.tenants.tenant import Recall
from app.web.forms import form_of
from app.web.rendering import page, redirect
from app.web.routing import PageRoute
from app.web.visitor import ReviewSender, ReviewVisitor, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PER_PAGE = 10
LOOKS = 20
"""Empty pages that are passed over before a person is shown one."""
After = Annotated[str | None, Query(max_length=300)]


@router.get("/review")
async def review(
    request: Request, visitor: ReviewVisitor, state: Shown = "open", after: After = None
) -> Response:
    """What is decided leaves the queue, so its beginning is always what comes next."""
    found = await _page(visitor, state, after)
    agreement = await asyncio.to_thread(visitor.running.reviews.agreement, visitor.who.tenant.name)
    return page(
        request,
        "review.html",
        items=found.items,
        further=found.next,
        state=state,
        reasons=list(Reason),
        agreement=agreement,
        recall=visitor.running.reviews.policy(visitor.who.tenant),
        documents={each.place.job: each.document for each in found.items},
    )


@router.post("/review")
async def decide(request: Request, visitor: ReviewSender) -> Response:
    sent = await form_of(request)
    try:
        verdict = Verdict(sent.get("verdict", ""))
        reason = Reason(sent["reason"]) if verdict is Verdict.CORRECTED and "reason" in sent else None
    except ValueError:
        raise InvalidRequest("The form names no verdict, or no reason, that there is.") from None
    decision = Decision(verdict, sent.get("text") if verdict is Verdict.CORRECTED else None, reason)
    reviews = visitor.running.reviews
    await asyncio.to_thread(
        reviews.decide,
        visitor.who.tenant.name,
        Place.of(sent.get("id", "")),
        decision,
        key_id=visitor.who.key_id,
        remembered=reviews.policy(visitor.who.tenant) is not Recall.OFF,
    )
    return redirect(request, "/review?state=escalated" if sent.get("state") == "escalated" else "/review")


async def _page(visitor: Visitor, state: Shown, after: str | None) -> Page:
    reviews, tenant = visitor.running.reviews, visitor.who.tenant
    for _ in range(LOOKS):
        found = await asyncio.to_thread(
            reviews.queue,
            tenant.name,
            shown=state,
            after=after,
            limit=PER_PAGE,
            matched=reviews.policy(tenant) is not Recall.OFF,
        )
        if found.items or found.next is None:
            return found
        after = found.next
    return found

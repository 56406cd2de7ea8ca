"""The queue of flagged segments, worked through by a person."""

import asyncio

from fastapi import APIRouter, Request, Response

from app.errors import InvalidRequest
from app.review.reviews import Shown
from app.review.verdict import Decision, Place, Reason, Verdict
from app.web.forms import form_of
from app.web.rendering import page, redirect
from app.web.routing import PageRoute
from app.web.visitor import DocumentSender, DocumentVisitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PER_PAGE = 10


@router.get("/review")
async def review(request: Request, visitor: DocumentVisitor, show: Shown = "open") -> Response:
    """What is decided leaves the queue, so its beginning is always what comes next."""
    found = await asyncio.to_thread(
        visitor.running.reviews.queue, visitor.who.tenant.name, shown=show, limit=PER_PAGE
    )
    return page(request, "review.html", items=found, show=show, reasons=list(Reason))


@router.post("/review")
async def decide(request: Request, visitor: DocumentSender) -> Response:
    sent = await form_of(request)
    try:
        verdict = Verdict(sent.get("verdict", ""))
        reason = Reason(sent["reason"]) if verdict is Verdict.CORRECTED and "reason" in sent else None
    except ValueError:
        raise InvalidRequest("The form names no verdict, or no reason, that there is.") from None
    decision = Decision(verdict, sent.get("text") if verdict is Verdict.CORRECTED else None, reason)
    await asyncio.to_thread(
        visitor.running.reviews.decide,
        visitor.who.tenant.name,
        Place.of(sent.get("id", "")),
        decision,
        key_id=visitor.who.key_id,
    )
    return redirect(request, "/review?show=escalated" if sent.get("show") == "escalated" else "/review")

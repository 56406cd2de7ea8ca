"""Sampled segments, rated by a person who does not see their flags."""

import asyncio

from fastapi import APIRouter, Request, Response

from app.errors import InvalidRequest
from app.quality.rating import Rating
from app.review.verdict import Place
from app.web.forms import form_of
from app.web.rendering import page, redirect
from app.web.routing import PageRoute
from app.web.visitor import RatingVisitor, ReviewSender

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PER_PAGE = 10


@router.get("/review/sample")
async def sample(request: Request, visitor: RatingVisitor) -> Response:
    found = await asyncio.to_thread(
        visitor.running.quality.samples.waiting, visitor.who.tenant.name, limit=PER_PAGE
    )
    return page(request, "rating.html", items=found, ratings=list(Rating))


@router.post("/review/sample")
async def rate(request: Request, visitor: ReviewSender) -> Response:
    sent = await form_of(request)
    try:
        rating = Rating(sent.get("rating", ""))
    except ValueError:
        raise InvalidRequest("The form names no rating that there is.") from None
    await asyncio.to_thread(
        visitor.running.quality.samples.rate,
        visitor.who.tenant.name,
        sent.get("sample", ""),
        Place.of(sent.get("id", "")),
        rating,
        key_id=visitor.who.key_id,
    )
    return redirect(request, "/review/sample")

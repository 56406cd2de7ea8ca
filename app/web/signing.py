"""Signing in with a key, and out."""

import asyncio
import secrets
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from app.errors import Forbidden, TooOften, Unauthenticated
from app.web.forms import form_of
from app.web.rendering import page, redirect
from app.web.routing import PageRoute, sentence, status_of
from app.web.visitor import AnySender, AnyVisitor, sessions, sign_in

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/sign-in")
async def sign_in_form(request: Request, visitor: AnyVisitor, expired: str = "", out: str = "") -> Response:
    if visitor.caller is not None and not visitor.caller.anonymous:
        return redirect(request, "/")
    said = "session_expired" if expired else "signed_out" if out else ""
    # What is over is forgotten, so that the next page does not say so again.
    cookie = _fresh() if visitor.expired else None
    status = HTTPStatus.UNAUTHORIZED if visitor.caller is None else HTTPStatus.OK
    if cookie is not None:
        visitor = request.scope["dragoman.visitor"] = visitor.with_cookie(cookie)
    return page(
        request,
        "sign_in.html",
        status=status,
        cookie=cookie,
        message="",
        news=visitor.words(said) if said else "",
    )


@router.post("/sign-in")
async def sign_in_with_key(request: Request, visitor: AnySender) -> Response:
    secret = (await form_of(request)).get("key", "").strip()
    try:
        cookie = await sign_in(request, secret)
    except (Unauthenticated, Forbidden, TooOften) as error:
        said = sentence(visitor.words, error)
        return page(request, "sign_in.html", status=status_of(error), message=said, news="")
    return redirect(request, "/", cookie=cookie)


@router.post("/sign-out")
async def sign_out(request: Request, visitor: AnySender) -> Response:
    await asyncio.to_thread(sessions(visitor.running).end, visitor.cookie)
    return redirect(request, "/sign-in?out=1", cookie=_fresh())


def _fresh() -> str:
    return "v_" + secrets.token_urlsafe(32)

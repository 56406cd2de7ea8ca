"""Templates to answers, with the headers that keep a browser from running or loading anything that is not ours."""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.web.visitor import COOKIE, LANGUAGE_COOKIE, Visitor
from app.web.words import SHIPPED, direction, words

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not no-referrer: with it browsers send forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}
ASSETS: Mapping[str, str] = {
    "app.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_YEAR = int(timedelta(days=365).total_seconds())


def page(
    request: Request,
    template: str,
    *,
    status: int = HTTPStatus.OK,
    cookie: str | None = None,
    **values: object,
) -> Response:
    """`cookie`: the browser's new one."""
    visitor: Visitor = request.scope["dragoman.visitor"]
    made = (
        environment()
        .get_template(template)
        .render(visitor=visitor, say=visitor.words, shipped=SHIPPED, path=request.url.path, **values)
    )
    answer = Response(made, status, headers=HEADERS, media_type="text/html")
    remember(request, answer, cookie=cookie)
    return answer


def inline_styled(made: str) -> Response:
    """A page that app.reports or app.jobs made whole: its own style by its hash, and nothing else."""
    found = (hashlib.sha256(each.encode()).digest() for each in _STYLE.findall(made))
    hashes = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in found)
    policy = (
        f"default-src 'none'; style-src {hashes}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return Response(made, headers={**HEADERS, "Content-Security-Policy": policy}, media_type="text/html")


def redirect(request: Request, place: str, *, cookie: str | None = None) -> Response:
    """To be asked for with GET, so that a reload sends nothing again."""
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={**HEADERS, "Location": place})
    remember(request, answer, cookie=cookie)
    return answer


def remember(request: Request, answer: Response, *, cookie: str | None = None) -> None:
    visitor: Visitor = request.scope["dragoman.visitor"]
    wanted = cookie or visitor.cookie
    if request.cookies.get(COOKIE) != wanted:
        _set(request, answer, COOKIE, wanted)
    language = request.query_params.get("lang")
    if language in SHIPPED:
        _set(request, answer, LANGUAGE_COOKIE, str(language), max_age=_YEAR)


def asset(name: str) -> bytes:
    return (files("app.web") / "static" / name).read_bytes()


@cache
def asset_path(name: str) -> str:
    """With a mark of what is in it, so that browsers may keep it for good."""
    return f"/assets/{name}?v={hashlib.sha256(asset(name)).hexdigest()[:12]}"


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("app.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=asset_path, direction=direction, own_name=_own_name)
    return made


def _own_name(code: str) -> str:
    return words(code).language(code)


def _set(request: Request, answer: Response, name: str, value: str, **more: Any) -> None:
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    answer.set_cookie(name, value, httponly=True, samesite="strict", secure=secure, path="/", **more)

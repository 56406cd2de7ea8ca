"""Who looks at a page: found by a cookie, by a proxy's header, or by nothing where the service is open."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request

from app.api.access import Needs
from app.api.authentication import address
from app.api.proxies import peer
from app.errors import Forbidden, FormExpired, NotThere, Suspended, Unauthenticated
from app.runtime import Runtime
from app.settings import Settings, networks
from app.tenants import tenant
from app.tenants.caller import Caller
from app.tenants.directory import Directory
from app.tenants.limiter import Unit
from app.tenants.sessions import Sessions
from app.web.forms import form_of, has_files, upload_of
from app.web.words import Words, chosen, words

COOKIE = "dragoman_visit"
LANGUAGE_COOKIE = "dragoman_language"
_STRANGER, _SIGNED_IN = "v_", "s_"
_LONGEST = 100
_SAME_SITE = frozenset({"same-origin", "none"})
CSRF_FIELD = "csrf"


class SignInNeeded(Exception):
    """`expired`: the browser was signed in before."""

    def __init__(self, *, expired: bool) -> None:
        self.expired = expired
        super().__init__()


@dataclass(frozen=True, slots=True)
class Visitor:
    caller: Caller | None
    """None: has to sign in first."""
    cookie: str
    words: Words
    running: Runtime
    expired: bool = False

    @property
    def csrf(self) -> str:
        """Nobody who cannot read the cookie, which no script and no other site can, knows it."""
        return hashlib.sha256(f"dragoman form {self.cookie}".encode()).hexdigest()

    @property
    def signed_in(self) -> bool:
        """With a key, so that signing out means something."""
        return self.cookie.startswith(_SIGNED_IN) and self.caller is not None and not self.caller.anonymous

    @property
    def who(self) -> Caller:
        """Raises SignInNeeded."""
        if self.caller is None:
            raise SignInNeeded(expired=self.expired)
        return self.caller

    def with_cookie(self, cookie: str) -> "Visitor":
        return replace(self, cookie=cookie)

    def may(self, *scopes: str) -> bool:
        return self.caller is not None and not self.caller.scopes.isdisjoint(map(tenant.Scope, scopes))


class PageNeeds(Needs):
    """What a page needs of who looks at it. `strangers`: nothing at all."""

    def __init__(self, *scopes: tenant.Scope, strangers: bool = False) -> None:
        super().__init__(*scopes)
        self.strangers = strangers

    async def visitor(self, request: Request) -> Visitor:
        """For Depends. Raises SignInNeeded, ScopeMissing, RateLimited."""
        found: Visitor = await visitor_of(request)
        if self.strangers:
            return found
        found.who.require(*self.scopes)
        if found.who.limited:
            await found.running.limiter.take(found.who, Unit.REQUESTS)
        return found

    async def form(self, request: Request) -> Visitor:
        """The same, for what a form sends: it must come from a page of ours in this very browser.

        Raises FormExpired too.
        """
        found = await self.visitor(request)
        if request.headers.get("sec-fetch-site", "none") not in _SAME_SITE:
            raise FormExpired(
                "The form was sent by another site. Open this one's page and send it from there."
            )
        sent = str((await _fields(request)).get(CSRF_FIELD, ""))
        if not hmac.compare_digest(sent.encode(), found.csrf.encode()):
            raise FormExpired(
                "The form is too old, or cookies are off. Load the page again and send it anew."
            )
        return found


ANYONE = PageNeeds(strangers=True)
EVERY_CALLER = PageNeeds()
TO_TRANSLATE = PageNeeds(tenant.Scope.TRANSLATE, tenant.Scope.BULK)
TO_SEND_DOCUMENTS = PageNeeds(tenant.Scope.DOCUMENTS)
TO_READ_REVIEWS = PageNeeds(tenant.Scope.DOCUMENTS, tenant.Scope.REVIEW)
TO_REVIEW = PageNeeds(tenant.Scope.REVIEW)
TO_READ_USAGE = PageNeeds(tenant.Scope.USAGE, tenant.Scope.ADMIN)

AnyVisitor = Annotated[Visitor, Depends(ANYONE.visitor)]
AnySender = Annotated[Visitor, Depends(ANYONE.form)]
KnownVisitor = Annotated[Visitor, Depends(EVERY_CALLER.visitor)]
KnownSender = Annotated[Visitor, Depends(EVERY_CALLER.form)]
TextSender = Annotated[Visitor, Depends(TO_TRANSLATE.form)]
DocumentVisitor = Annotated[Visitor, Depends(TO_SEND_DOCUMENTS.visitor)]
DocumentSender = Annotated[Visitor, Depends(TO_SEND_DOCUMENTS.form)]
ReviewVisitor = Annotated[Visitor, Depends(TO_READ_REVIEWS.visitor)]
RatingVisitor = Annotated[Visitor, Depends(TO_REVIEW.visitor)]
ReviewSender = Annotated[Visitor, Depends(TO_REVIEW.form)]
UsageVisitor = Annotated[Visitor, Depends(TO_READ_USAGE.visitor)]


async def _fields(request: Request) -> Mapping[str, object]:
    return await upload_of(request) if has_files(request) else await form_of(request)


async def visitor_of(request: Request) -> Visitor:
    """Looked up once a request; always found, with or without a caller."""
    if "dragoman.visitor" in request.scope:
        found: Visitor = request.scope["dragoman.visitor"]
        return found
    cookie = request.cookies.get(COOKIE, "")
    if not cookie.startswith((_STRANGER, _SIGNED_IN)) or len(cookie) > _LONGEST:
        cookie = _STRANGER + secrets.token_urlsafe(32)
    running: Runtime = request.app.state.runtime
    # Words first: whatever is refused is refused in them.
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    said = words(chosen(wanted, request.headers.get("accept-language", "")))
    request.scope["dragoman.visitor"] = Visitor(None, cookie, said, running)
    caller = await _caller(request, running, cookie)
    expired = caller is None and cookie.startswith(_SIGNED_IN)
    made = request.scope["dragoman.visitor"] = Visitor(caller, cookie, said, running, expired=expired)
    return made


async def sign_in(request: Request, secret: str) -> str:
    """The browser's new cookie: an old one might be known to somebody else.

    Raises InvalidKey, KeyEnded, Suspended, TooOften, StorageError.
    """
    running: Runtime = request.app.state.runtime
    try:
        caller = await running.authenticator.identify(secret, address(request.scope))
    except (Unauthenticated, Forbidden) as error:  # of those that come too often there might be any number
        await asyncio.to_thread(sessions(running).refused, error.code)
        raise
    cookie = _SIGNED_IN + secrets.token_urlsafe(32)
    begin = partial(sessions(running).begin, cookie, caller.key_id or "", tenant=caller.tenant.name)
    await asyncio.to_thread(begin)
    return cookie


def sessions(running: Runtime) -> Sessions:
    return Sessions(running.database, lasting=timedelta(hours=running.settings.web_session_hours))


async def _caller(request: Request, running: Runtime, cookie: str) -> Caller | None:
    named = _named(request, running.settings)
    if named is not None:
        return await _tenant(running, named)
    try:
        if cookie.startswith(_SIGNED_IN):
            key = await asyncio.to_thread(sessions(running).key_digest, cookie)
            return None if key is None else await running.authenticator.recognise(key, address(request.scope))
        return await running.authenticator.identify(None, address(request.scope))
    except Unauthenticated:
        return None


def _named(request: Request, settings: Settings) -> str | None:
    """The tenant that a proxy names, if it is one that is believed."""
    named = request.headers.get(settings.web_user_header) if settings.web_user_header else None
    return named if named and _believed(peer(request.scope), settings) else None


def _believed(peer: str | None, settings: Settings) -> bool:
    listed = networks(settings.web_proxies)
    if not listed:
        return settings.auth == "open"
    try:
        found = ip_address(peer or "")
    except ValueError:
        return False
    return any(found in network for network in listed)


async def _tenant(running: Runtime, name: str) -> Caller:
    """Raises Suspended, and NotThere for a name that the operator never made."""
    found = await asyncio.to_thread(_find, running, name)
    if found.status is tenant.Status.SUSPENDED:
        raise Suspended(f"The tenant {found.name} is suspended. Ask the operator.")
    return Caller(found)


def _find(running: Runtime, name: str) -> tenant.Tenant:
    try:
        return Directory(running.database).tenant(name)
    except NotThere:
        raise NotThere(
            "The proxy named a tenant that is not there. The operator makes one with `dragoman tenants create`."
        ) from None

"""What a caller must be allowed, route by route. What a route needs it says with `Needs`; the check, the OpenAPI
description and the tests read it from there.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.api.problems import refusals
from app.tenants import tenant
from app.tenants.caller import Caller

PUBLIC = frozenset({"/healthz", "/readyz", "/openapi.json", "/docs", "/docs/oauth2-redirect"})
"""What balancers ask, and the description: nothing of any tenant's."""

PUBLIC_FOLDERS = ("/static-offline-docs/",)

PAGES = frozenset(
    {
        "/",
        "/documents",
        "/jobs",
        "/review",
        "/review/sample",
        "/usage",
        "/usage/report",
        "/sign-in",
        "/sign-out",
    }
)
"""The web form's: app.web finds out who asks, by a cookie, and each page says what it needs."""

PAGE_FOLDERS = ("/jobs/", "/assets/")

SECURITY: dict[str, dict[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of `dragoman keys create`."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}
"""The OpenAPI description of both ways to send a key."""


class Needs:
    """What a route needs of its caller: any of `scopes`, or none in particular.

    `open_to_all`: a caller without a key will do as well, where the service lets one in at all.
    """

    def __init__(self, *scopes: tenant.Scope, open_to_all: bool = False) -> None:
        self.scopes = scopes
        self._open_to_all = open_to_all

    async def caller(self, request: Request) -> Caller:
        """For Depends. Raises ScopeMissing."""
        caller: Caller = request.scope["dragoman.caller"]
        if not (self._open_to_all and caller.anonymous):
            caller.require(*self.scopes)
        return caller


TO_TRANSLATE = Needs(tenant.Scope.TRANSLATE, tenant.Scope.BULK)
TO_EXAMINE = Needs(tenant.Scope.TRANSLATE, tenant.Scope.DOCUMENTS, tenant.Scope.BULK)
TO_SEND_DOCUMENTS = Needs(tenant.Scope.DOCUMENTS)
TO_READ_REVIEWS = Needs(tenant.Scope.DOCUMENTS, tenant.Scope.REVIEW)
TO_REVIEW = Needs(tenant.Scope.REVIEW)
TO_READ_GLOSSARIES = Needs(
    tenant.Scope.TRANSLATE, tenant.Scope.DOCUMENTS, tenant.Scope.BULK, tenant.Scope.GLOSSARIES
)
TO_CHANGE_GLOSSARIES = Needs(tenant.Scope.GLOSSARIES)
TO_READ_USAGE = Needs(tenant.Scope.USAGE, tenant.Scope.ADMIN)
TO_OPERATE = Needs(tenant.Scope.ADMIN, open_to_all=True)
TO_LOOK_AROUND = Needs()

Translator = Annotated[Caller, Depends(TO_TRANSLATE.caller)]
DocumentSender = Annotated[Caller, Depends(TO_SEND_DOCUMENTS.caller)]
ReviewReader = Annotated[Caller, Depends(TO_READ_REVIEWS.caller)]
Reviewer = Annotated[Caller, Depends(TO_REVIEW.caller)]
LookingAround = Annotated[Caller, Depends(TO_LOOK_AROUND.caller)]
GlossaryReader = Annotated[Caller, Depends(TO_READ_GLOSSARIES.caller)]
GlossaryKeeper = Annotated[Caller, Depends(TO_CHANGE_GLOSSARIES.caller)]
UsageReader = Annotated[Caller, Depends(TO_READ_USAGE.caller)]


class GuardedRoute(APIRoute):
    """Describes what a route needs: the keys, the scopes, the refusals."""

    refusals: ClassVar[Mapping[int | str, dict[str, Any]]] = refusals(401, 403, 429, 503)
    """Of every route of the kind."""
    security: ClassVar[Mapping[str, dict[str, str]]] = SECURITY
    """Ways to send a key, by their names."""

    def __init__(
        self, *args: Any, responses: dict[int | str, dict[str, Any]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, responses={**self.refusals, **(responses or {})}, **kwargs)
        found = needs(self)
        if found is not None:
            self.openapi_extra = {
                # `{}`: none is needed where the service is open.
                "security": [*({name: []} for name in self.security), {}],
                "x-scopes": [scope.value for scope in found.scopes],
                **(self.openapi_extra or {}),
            }


def is_public(path: str) -> bool:
    return path in PUBLIC or path.startswith(PUBLIC_FOLDERS)


def is_page(path: str) -> bool:
    return path in PAGES or path.startswith(PAGE_FOLDERS)


def needs(route: APIRoute) -> Needs | None:
    """None: the route says nothing of its callers. Only a public one may."""
    asked = (getattr(call, "__self__", None) for call in _calls(route.dependant))
    return next((each for each in asked if isinstance(each, Needs)), None)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)

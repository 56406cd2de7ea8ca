"""/: text in, translation beside it."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.errors import InvalidRequest
from app.web.forms import form_of
from app.web.rendering import page
from app.web.routing import Expected, PageRoute, sentence, status_of
from app.web.text import AUTO, Pasted, pasted, translated
from app.web.view import doubts, languages, pairs_of
from app.web.visitor import KnownVisitor, TextSender, Visitor

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
async def home(
    request: Request, visitor: KnownVisitor, target: Annotated[str, Query(max_length=35)] = ""
) -> Response:
    """Into the reader's own language, unless another is named."""
    return await form(request, Pasted("", AUTO, target or visitor.words.code, ""))


@router.post("/")
async def translate(request: Request, visitor: TextSender) -> Response:
    """What is wrong with the text is said in the form, the text still in it."""
    wanted = pasted(await form_of(request))
    try:
        if not wanted.text.strip():
            raise InvalidRequest(visitor.words("nothing_to_translate"))
        result, billed = await translated(request, visitor, wanted)
    except Expected as error:
        said = str(error) if isinstance(error, InvalidRequest) and not wanted.text.strip() else None
        message = said or sentence(visitor.words, error)
        return await form(request, wanted, message=message, status=status_of(error))
    pairs = pairs_of(wanted.text, result)
    failure = result.failure
    return page(
        request,
        "result.html",
        wanted=wanted,
        result=result,
        billed=billed,
        pairs=pairs,
        doubts=doubts(pairs),
        shares=languages(result),
        failure=failure and (visitor.words.errors.get(failure.code) or failure.message),
    )


async def form(
    request: Request,
    wanted: Pasted,
    *,
    message: str = "",
    faults: Sequence[tuple[str, str]] = (),
    taken: int = 0,
    status: int = 200,
) -> Response:
    """`message`: what is wrong with the text. `faults`: with each file, of which `taken` others were taken."""
    visitor = request.scope["dragoman.visitor"]
    sources, targets = offered(visitor)
    kept = await asyncio.to_thread(visitor.running.glossaries.all, visitor.who.tenant.name)
    return page(
        request,
        "home.html",
        status=status,
        wanted=wanted,
        message=message,
        faults=faults,
        taken=taken,
        largest=visitor.running.settings.max_document_bytes // 1_000_000,
        sources=sources,
        targets=targets,
        glossaries=kept,
        once=secrets.token_urlsafe(16),
        most=visitor.running.settings.max_characters,
    )


def offered(visitor: Visitor) -> tuple[Sequence[str], Sequence[str]]:
    """Languages that the models lead from and to which the visitor's tenant may use, in the order of their names."""
    say = visitor.words
    routes = visitor.running.router.routes(tenant=visitor.who.tenant.name)
    sources = {each.languages[0] for each in routes}
    targets = {each.languages[-1] for each in routes}
    return (
        sorted(sources, key=lambda code: say.language(code).casefold()),
        sorted(targets, key=lambda code: say.language(code).casefold()),
    )

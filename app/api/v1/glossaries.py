"""/v1/glossaries: terms that translations must use, in versions."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Response

from app.api.access import GlossaryKeeper, GlossaryReader, GuardedRoute
from app.api.deps import OrjsonRoute, Running, reply
from app.api.problems import refusals
from app.api.schemas.glossaries import (
    DictionaryBody,
    GlossariesReply,
    GlossaryBody,
    GlossaryReply,
    GlossarySummary,
    GlossaryVersionsReply,
)
from app.errors import InvalidRequest, NotThere
from app.glossary import bodies, exchange
from app.glossary.terms import Dictionary, Terms
from app.runtime import Runtime
from app.tenants.caller import Caller
from app.validation import language_code

router = APIRouter(prefix="/v1", route_class=GuardedRoute, tags=["glossaries"])
changing = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["glossaries"])

GlossaryId = Annotated[str, Path(max_length=100, description="As `POST /v1/glossaries` gave it.")]
Version = Annotated[int | None, Query(ge=1, le=2_147_483_647, description="The newest if left out.")]
_CHANGED: dict[str, Any] = {
    "response_model": GlossaryReply,
    "responses": refusals(400, 404, 413, 415, 422, 503),
}
_ENTRIES: dict[str, Any] = {
    "application/json": {
        "type": "array",
        "items": {"type": "object", "required": ["source", "target"]},
    }
}
Language = Annotated[str, Query(min_length=1, max_length=35, examples=["en"])]


@router.get(
    "/glossaries", response_model=GlossariesReply, summary="The tenant's glossaries", responses=refusals(503)
)
async def glossaries(running: Running, caller: GlossaryReader) -> Response:
    """The oldest first, without their terms."""
    found = await asyncio.to_thread(running.glossaries.all, caller.tenant.name)
    return reply({"glossaries": [bodies.summary(each) for each in found]})


@changing.post(
    "/glossaries",
    status_code=201,
    response_model=GlossaryReply,
    summary="Create a glossary",
    responses=refusals(400, 413, 415, 422, 503),
)
async def create_glossary(body: GlossaryBody, running: Running, caller: GlossaryKeeper) -> Response:
    """Terms come as a list, or as the text of a TSV, CSV, JSON or TBX file."""
    terms = await asyncio.to_thread(_terms, body)
    made = await asyncio.to_thread(
        running.glossaries.create, caller.tenant.name, body.name, terms, key_id=caller.key_id
    )
    return Response(orjson.dumps(bodies.glossary(made)), 201, media_type="application/json")


@router.get(
    "/glossaries/{id}",
    response_model=GlossaryReply,
    summary="A glossary with its terms",
    responses=refusals(404, 422, 503),
)
async def glossary(
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryReader,
    version: Version = None,
) -> Response:
    """Every version that there ever was can be asked for, until the glossary is deleted."""
    found = await asyncio.to_thread(running.glossaries.get, caller.tenant.name, id, version)
    return reply(bodies.glossary(found))


@changing.put(
    "/glossaries/{id}",
    summary="Replace a glossary",
    **_CHANGED,
)
async def replace_glossary(
    id: GlossaryId,  # noqa: A002
    body: GlossaryBody,
    running: Running,
    caller: GlossaryKeeper,
) -> Response:
    """Makes a new version, unless nothing differs."""
    terms = await asyncio.to_thread(_terms, body)
    return await _changed(running, caller, id, lambda _: terms, name=body.name)


@changing.put(
    "/glossaries/{id}/dictionaries",
    summary="Replace the terms of one language pair",
    **_CHANGED,
)
async def replace_dictionary(
    id: GlossaryId,  # noqa: A002
    body: DictionaryBody,
    running: Running,
    caller: GlossaryKeeper,
) -> Response:
    """Makes a new version; other pairs stay."""
    dictionary = await asyncio.to_thread(_dictionary, body)
    return await _changed(running, caller, id, lambda old: old.with_dictionary(dictionary))


@router.delete(
    "/glossaries/{id}",
    response_model=GlossarySummary,
    summary="Delete a glossary",
    responses=refusals(404, 422, 503),
)
async def delete_glossary(id: GlossaryId, running: Running, caller: GlossaryKeeper) -> Response:  # noqa: A002
    """With all its versions, at once. Jobs that were handed in with it keep its terms until they are deleted."""
    found = await asyncio.to_thread(running.glossaries.delete, caller.tenant.name, id, key_id=caller.key_id)
    return reply(bodies.summary(found))


@router.get(
    "/glossaries/{id}/versions",
    response_model=GlossaryVersionsReply,
    summary="The versions of a glossary",
    responses=refusals(404, 422, 503),
)
async def glossary_versions(id: GlossaryId, running: Running, caller: GlossaryReader) -> Response:  # noqa: A002
    """The newest first."""
    found = await asyncio.to_thread(running.glossaries.history, caller.tenant.name, id)
    return reply({"versions": [bodies.summary(each) for each in found]})


@router.get(
    "/glossaries/{id}/entries",
    summary="Export the terms of one language pair",
    response_class=Response,
    responses={
        200: {
            "content": {
                media: {"schema": _ENTRIES.get(media, {"type": "string"})}
                for media in exchange.MEDIA.values()
            }
        },
        **refusals(404, 422, 503),
    },
)
async def glossary_entries(
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryReader,
    source: Language,
    target: Language,
    format: Annotated[exchange.Form, Query()] = "tsv",  # noqa: A002
    version: Version = None,
) -> Response:
    """As TSV, CSV, JSON or TBX."""
    found = await asyncio.to_thread(running.glossaries.get, caller.tenant.name, id, version)
    pair = language_code(source), language_code(target)
    dictionary = next((each for each in found.terms.dictionaries if each.pair == pair), None)
    if dictionary is None:
        raise NotThere("The glossary has no terms for this language pair.")
    return Response(exchange.written(dictionary, format), media_type=exchange.MEDIA[format])


async def _changed(
    running: Runtime,
    caller: Caller,
    glossary: str,
    change: Callable[[Terms], Terms],
    *,
    name: str | None = None,
) -> Response:
    made = await asyncio.to_thread(
        running.glossaries.change, caller.tenant.name, glossary, change, name=name, key_id=caller.key_id
    )
    return reply(bodies.glossary(made))


def _terms(body: GlossaryBody) -> Terms:
    return Terms.made(
        [_dictionary(each) for each in body.dictionaries], protected=body.protected, patterns=body.patterns
    )


def _dictionary(body: DictionaryBody) -> Dictionary:
    source, target = language_code(body.source), language_code(body.target)
    if source == target:
        raise InvalidRequest("A dictionary is of two languages.")
    if (body.terms is None) == (body.entries is None):
        raise InvalidRequest("A dictionary has `terms`, or the `entries` of a file with their `format`.")
    if body.entries is not None:
        found = exchange.terms_of(body.entries, body.format, source=source, target=target)
    else:
        found = exchange.terms_of_pairs((term.source, term.target) for term in body.terms or ())
    return Dictionary(source, target, found)

"""DeepL's glossaries of one language pair (v2). Behind them are glossaries like any other."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

from app.api.access import GlossaryKeeper, GlossaryReader
from app.api.deepl import schemas
from app.api.deepl.answers import DeepLRoute, refusals
from app.api.deepl.dictionaries import (
    GONE,
    GlossaryId,
    created,
    deleted,
    dictionary_fields,
    dictionary_of,
    edition_of,
    languages_of,
    moment,
    new_edition,
)
from app.api.deps import Running, reply
from app.api.fields import fields_of
from app.api.problems import problem
from app.errors import NotThere
from app.glossary import exchange
from app.glossary.store import Summary, summary
from app.glossary.terms import Terms

router = APIRouter(prefix="/v2/glossaries", route_class=DeepLRoute, tags=["DeepL"])

_TSV_MEDIA = exchange.MEDIA["tsv"].partition(";")[0]
_TSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {exchange.MEDIA["tsv"]: {"schema": {"type": "string"}}}}
}


@router.post(
    "",
    status_code=201,
    response_model=schemas.DeepLGlossary,
    summary="Create a glossary of one pair, as DeepL does",
    name="deepl_create_glossary",
    responses=refusals(413),
    openapi_extra=schemas.body(schemas.DeepLGlossaryBody),
)
async def create(request: Request, running: Running, caller: GlossaryKeeper) -> Response:
    """Entries as TSV or CSV."""
    sent = await fields_of(request)
    terms = Terms.made([dictionary_of(dictionary_fields(sent))])
    new = await new_edition(running, caller.tenant.name, sent, terms, key_id=caller.key_id)
    return created(_single(summary(new)))


@router.get(
    "",
    response_model=schemas.DeepLGlossaryList,
    summary="Glossaries of one pair, as DeepL lists them",
    name="deepl_glossaries",
)
async def listed(running: Running, caller: GlossaryReader) -> Response:
    """Those of several pairs are left out, as they have no place here."""
    found = await asyncio.to_thread(running.glossaries.all, caller.tenant.name)
    return reply({"glossaries": [_single(each) for each in found if len(each.pairs) == 1]})


@router.get(
    "/{id}",
    summary="A glossary of one pair, as DeepL shows it",
    name="deepl_glossary",
    response_model=schemas.DeepLGlossary,
    responses=refusals(404),
)
async def show(id: GlossaryId, running: Running, caller: GlossaryReader) -> Response:  # noqa: A002
    """404 also for one of several pairs."""
    return reply(_single(summary(await edition_of(running, caller.tenant.name, id))))


@router.get(
    "/{id}/entries",
    response_class=Response,
    summary="The entries of a glossary of one pair, as TSV",
    name="deepl_glossary_entries",
    responses=_TSV | refusals(404, 415),
)
async def entries(
    request: Request,
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryReader,
) -> Response:
    """One term and its translation a line."""
    if not _takes_tsv(request.headers.get("accept", "")):
        return problem("unsupported_media_type", f"Entries are given as {_TSV_MEDIA} only.")
    found = await edition_of(running, caller.tenant.name, id)
    _single(summary(found))
    return Response(exchange.written(found.terms.dictionaries[0], "tsv"), media_type=exchange.MEDIA["tsv"])


@router.delete("/{id}", summary="Delete a glossary, as DeepL does", name="deepl_delete_glossary", **GONE)
async def delete(id: GlossaryId, running: Running, caller: GlossaryKeeper) -> Response:  # noqa: A002
    """At once."""
    return await deleted(running, caller, id)


def _takes_tsv(accept: str) -> bool:
    kinds = {each.partition(";")[0].strip().lower() for each in accept.split(",")} - {""}
    return not kinds or not kinds.isdisjoint({"*/*", "text/*", _TSV_MEDIA})


def _single(found: Summary) -> dict[str, Any]:
    """Raises NotThere for a glossary of several pairs, or none."""
    if len(found.pairs) != 1:
        raise NotThere("Glossary not found: it is not of one language pair. Ask /v3/glossaries for it.")
    ((source, target, terms),) = found.pairs
    head = {"glossary_id": found.id, "name": found.name, "ready": True, "creation_time": moment(found)}
    return {**head, **languages_of(source, target), "entry_count": terms}

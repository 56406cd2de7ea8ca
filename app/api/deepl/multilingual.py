"""DeepL's glossaries of several language pairs (v3). Behind them are glossaries like any other."""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

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
    of_pair,
    pair_of,
)
from app.api.deps import Running, reply
from app.api.fields import Fields, fields_of
from app.errors import InvalidRequest
from app.glossary import exchange
from app.glossary.store import Summary, summary
from app.glossary.terms import Dictionary, Edition, Terms

router = APIRouter(prefix="/v3/glossaries", route_class=DeepLRoute, tags=["DeepL"])
Language = Annotated[str, Query(max_length=35)]
_PART = re.compile(r"dictionaries\[([0-9]{1,5})\]\.([a-z_]+)")
"""A field of one dictionary in a form, as deepl-node names it."""


@router.post(
    "",
    status_code=201,
    summary="Create a glossary of several pairs, as DeepL does",
    name="deepl_create_multilingual_glossary",
    responses=refusals(413),
    openapi_extra=schemas.body(schemas.DeepLMultilingualBody),
    response_model=schemas.DeepLMultilingual,
)
async def create(request: Request, running: Running, caller: GlossaryKeeper) -> Response:
    """Entries as TSV or CSV, pair by pair."""
    sent = await fields_of(request)
    given = _dictionaries(sent)
    if not given:
        raise InvalidRequest("Parameter 'dictionaries' not specified.")
    terms = Terms.made(given)
    return created(
        _several(await new_edition(running, caller.tenant.name, sent, terms, key_id=caller.key_id))
    )


@router.get(
    "",
    response_model=schemas.DeepLMultilingualList,
    summary="Glossaries, as DeepL lists them",
    name="deepl_multilingual_glossaries",
)
async def listed(running: Running, caller: GlossaryReader) -> Response:
    """All of the tenant's."""
    found = await asyncio.to_thread(running.glossaries.all, caller.tenant.name)
    return reply({"glossaries": [_shown(each) for each in found]})


@router.get(
    "/{id}",
    summary="A glossary, as DeepL shows it",
    name="deepl_multilingual_glossary",
    responses=refusals(404),
    response_model=schemas.DeepLMultilingual,
)
async def show(id: GlossaryId, running: Running, caller: GlossaryReader) -> Response:  # noqa: A002
    """With its pairs, without their entries."""
    return reply(_several(await edition_of(running, caller.tenant.name, id)))


@router.patch(
    "/{id}",
    summary="Rename a glossary, or add entries, as DeepL does",
    name="deepl_change_multilingual_glossary",
    responses=refusals(404, 413),
    openapi_extra=schemas.body(schemas.DeepLMultilingualChange),
    response_model=schemas.DeepLMultilingual,
)
async def change(
    request: Request,
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryKeeper,
) -> Response:
    """Entries are added to those of their pair; a term that is there gets the new translation."""
    sent = await fields_of(request)
    given, name = _dictionaries(sent), sent.one("name")
    if name is None and not given:
        raise InvalidRequest("Parameter 'name' or 'dictionaries' not specified.")
    if name is not None and not isinstance(name, str):
        raise InvalidRequest("Value for 'name' not supported.")

    def added(old: Terms) -> Terms:
        for dictionary in given:
            old = old.with_terms(dictionary)
        return old

    made = await asyncio.to_thread(
        running.glossaries.change, caller.tenant.name, id, added, name=name, key_id=caller.key_id
    )
    return reply(_several(made))


@router.delete(
    "/{id}",
    summary="Delete a glossary of several pairs, as DeepL does",
    name="deepl_delete_multilingual_glossary",
    **GONE,
)
async def delete(id: GlossaryId, running: Running, caller: GlossaryKeeper) -> Response:  # noqa: A002
    """At once."""
    return await deleted(running, caller, id)


@router.get(
    "/{id}/entries",
    response_model=schemas.DeepLDictionaryEntriesList,
    summary="The entries of one pair, as DeepL shows them",
    name="deepl_multilingual_glossary_entries",
    responses=refusals(404),
)
async def entries(
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryReader,
    source_lang: Language,
    target_lang: Language,
) -> Response:
    """As TSV, in JSON."""
    found = await edition_of(running, caller.tenant.name, id)
    dictionary = of_pair(found.terms, pair_of(source_lang, target_lang))
    told = {**languages_of(*dictionary.pair), "entries": exchange.written(dictionary, "tsv")}
    return reply({"dictionaries": [{**told, "entries_format": "tsv"}]})


@router.put(
    "/{id}/dictionaries",
    response_model=schemas.DeepLDictionary,
    summary="Replace the entries of one pair, as DeepL does",
    name="deepl_replace_dictionary",
    responses=refusals(404, 413),
    openapi_extra=schemas.body(schemas.DeepLDictionaryEntries),
)
async def replace_dictionary(
    request: Request,
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryKeeper,
) -> Response:
    """Or adds them, where the glossary had none of the pair."""
    dictionary = dictionary_of(dictionary_fields(await fields_of(request)))
    await asyncio.to_thread(
        running.glossaries.change,
        caller.tenant.name,
        id,
        lambda old: old.with_dictionary(dictionary),
        key_id=caller.key_id,
    )
    return reply({**languages_of(*dictionary.pair), "entry_count": len(dictionary.terms)})


@router.delete(
    "/{id}/dictionaries",
    summary="Delete the entries of one pair, as DeepL does",
    name="deepl_delete_dictionary",
    **GONE,
)
async def delete_dictionary(
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryKeeper,
    source_lang: Language,
    target_lang: Language,
) -> Response:
    """The glossary stays, with its other pairs."""
    pair = pair_of(source_lang, target_lang)

    def change(old: Terms) -> Terms:
        of_pair(old, pair)
        return old.without(*pair)

    await asyncio.to_thread(running.glossaries.change, caller.tenant.name, id, change, key_id=caller.key_id)
    return Response(status_code=204)


def _dictionaries(sent: Fields) -> list[Dictionary]:
    """One, where they are sent twice for a pair: the last. None where none was sent. Raises InvalidRequest."""
    given = [*sent.all("dictionaries"), *_numbered(sent)]
    if not all(isinstance(each, dict) for each in given):
        raise InvalidRequest("Value for 'dictionaries' not supported.")
    return [dictionary_of(each) for each in given]


def _numbered(sent: Fields) -> Sequence[dict[str, Any]]:
    """Of a form, in the order of their numbers: `dictionaries[0].source_lang` and the like."""
    found: dict[int, dict[str, Any]] = {}
    for name in sent.values:
        part = _PART.fullmatch(name)
        if part is not None:
            found.setdefault(int(part[1]), {})[part[2]] = sent.one(name)
    return [found[number] for number in sorted(found)]


def _several(found: Edition) -> dict[str, Any]:
    return _shown(summary(found))


def _shown(found: Summary) -> dict[str, Any]:
    dictionaries = [
        {**languages_of(source, target), "entry_count": terms} for source, target, terms in found.pairs
    ]
    head = {"glossary_id": found.id, "name": found.name, "creation_time": moment(found)}
    return {**head, "dictionaries": dictionaries}

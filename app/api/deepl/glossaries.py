"""DeepL's glossaries, of one language pair (v2) or several (v3). Behind them are glossaries like any other."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from app.api.access import GlossaryKeeper, GlossaryReader
from app.api.deepl import schemas, words
from app.api.deepl.answers import DeepLRoute, refusals
from app.api.deps import Running, reply
from app.api.fields import Fields, fields_of
from app.errors import InvalidRequest, NotThere
from app.glossary import exchange
from app.glossary.matching import PLAIN, Protection
from app.glossary.store import Summary, summary
from app.glossary.terms import Dictionary, Edition, Terms
from app.runtime import Runtime

MOST = 5
"""Glossaries of one translation."""
GlossaryId = Annotated[str, Path(max_length=100, description="As it was given when it was created.")]
Language = Annotated[str, Query(max_length=35)]
_FORMS: Mapping[str, exchange.Form] = {"tsv": "tsv", "csv": "csv"}
_TSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {exchange.MEDIA["tsv"]: {"schema": {"type": "string"}}}}
}
_GONE: dict[str, Any] = {"status_code": 204, "responses": refusals(404)}


def router(prefix: str) -> APIRouter:
    made = APIRouter(prefix=prefix, route_class=DeepLRoute, tags=["DeepL"])
    _of_one_pair(made)
    _of_several(made)
    return made


def _of_one_pair(made: APIRouter) -> None:
    shown: dict[str, Any] = {"response_model": schemas.DeepLGlossary, "responses": refusals(404)}
    made.add_api_route(
        "/v2/glossaries",
        create,
        methods=["POST"],
        status_code=201,
        response_model=schemas.DeepLGlossary,
        summary="Create a glossary of one pair, as DeepL does",
        name="deepl_create_glossary",
        responses=refusals(413),
        openapi_extra=schemas.body(schemas.DeepLGlossaryBody),
    )
    made.add_api_route(
        "/v2/glossaries",
        listed,
        methods=["GET"],
        response_model=schemas.DeepLGlossaryList,
        summary="Glossaries of one pair, as DeepL lists them",
        name="deepl_glossaries",
    )
    made.add_api_route(
        "/v2/glossaries/{id}",
        show,
        methods=["GET"],
        summary="A glossary of one pair, as DeepL shows it",
        name="deepl_glossary",
        **shown,
    )
    made.add_api_route(
        "/v2/glossaries/{id}/entries",
        entries,
        methods=["GET"],
        response_class=Response,
        summary="The entries of a glossary of one pair, as TSV",
        name="deepl_glossary_entries",
        responses=_TSV | refusals(404),
    )
    made.add_api_route(
        "/v2/glossaries/{id}",
        delete,
        methods=["DELETE"],
        summary="Delete a glossary, as DeepL does",
        name="deepl_delete_glossary",
        **_GONE,
    )


def _of_several(made: APIRouter) -> None:
    shown: dict[str, Any] = {"response_model": schemas.DeepLMultilingual}
    made.add_api_route(
        "/v3/glossaries",
        create_multilingual,
        methods=["POST"],
        status_code=201,
        summary="Create a glossary of several pairs, as DeepL does",
        name="deepl_create_multilingual_glossary",
        responses=refusals(413),
        openapi_extra=schemas.body(schemas.DeepLMultilingualBody),
        **shown,
    )
    made.add_api_route(
        "/v3/glossaries",
        listed_multilingual,
        methods=["GET"],
        response_model=schemas.DeepLMultilingualList,
        summary="Glossaries, as DeepL lists them",
        name="deepl_multilingual_glossaries",
    )
    made.add_api_route(
        "/v3/glossaries/{id}",
        show_multilingual,
        methods=["GET"],
        summary="A glossary, as DeepL shows it",
        name="deepl_multilingual_glossary",
        responses=refusals(404),
        **shown,
    )
    made.add_api_route(
        "/v3/glossaries/{id}",
        change_multilingual,
        methods=["PATCH"],
        summary="Rename a glossary, or add entries, as DeepL does",
        name="deepl_change_multilingual_glossary",
        responses=refusals(404, 413),
        openapi_extra=schemas.body(schemas.DeepLMultilingualChange),
        **shown,
    )
    made.add_api_route(
        "/v3/glossaries/{id}",
        delete,
        methods=["DELETE"],
        summary="Delete a glossary of several pairs, as DeepL does",
        name="deepl_delete_multilingual_glossary",
        **_GONE,
    )
    made.add_api_route(
        "/v3/glossaries/{id}/entries",
        entries_multilingual,
        methods=["GET"],
        response_model=schemas.DeepLDictionaryEntriesList,
        summary="The entries of one pair, as DeepL shows them",
        name="deepl_multilingual_glossary_entries",
        responses=refusals(404),
    )
    made.add_api_route(
        "/v3/glossaries/{id}/dictionaries",
        replace_dictionary,
        methods=["PUT"],
        response_model=schemas.DeepLDictionary,
        summary="Replace the entries of one pair, as DeepL does",
        name="deepl_replace_dictionary",
        responses=refusals(404, 413),
        openapi_extra=schemas.body(schemas.DeepLDictionaryEntries),
    )
    made.add_api_route(
        "/v3/glossaries/{id}/dictionaries",
        delete_dictionary,
        methods=["DELETE"],
        summary="Delete the entries of one pair, as DeepL does",
        name="deepl_delete_dictionary",
        **_GONE,
    )


async def create(request: Request, running: Running, caller: GlossaryKeeper) -> Response:
    """Entries as TSV or CSV."""
    sent = await fields_of(request)
    terms = Terms.made([_dictionary(_given(sent))])
    made = await _made(running, caller.tenant.name, sent, terms, key_id=caller.key_id)
    return _created(_single(summary(made)))


async def listed(running: Running, caller: GlossaryReader) -> Response:
    """Those of several pairs are left out, as they have no place here."""
    found = await asyncio.to_thread(running.glossaries.all, caller.tenant.name)
    return reply({"glossaries": [_single(each) for each in found if len(each.pairs) == 1]})


async def show(id: GlossaryId, running: Running, caller: GlossaryReader) -> Response:  # noqa: A002
    """404 also for one of several pairs."""
    return reply(_single(summary(await _edition(running, caller.tenant.name, id))))


async def entries(id: GlossaryId, running: Running, caller: GlossaryReader) -> Response:  # noqa: A002
    """One term and its translation a line."""
    found = await _edition(running, caller.tenant.name, id)
    _single(summary(found))
    return Response(exchange.written(found.terms.dictionaries[0], "tsv"), media_type=exchange.MEDIA["tsv"])


async def delete(id: GlossaryId, running: Running, caller: GlossaryKeeper) -> Response:  # noqa: A002
    """At once."""
    await asyncio.to_thread(running.glossaries.delete, caller.tenant.name, id, key_id=caller.key_id)
    return Response(status_code=204)


async def create_multilingual(request: Request, running: Running, caller: GlossaryKeeper) -> Response:
    """Entries as TSV or CSV, pair by pair."""
    sent = await fields_of(request)
    terms = Terms.made(_dictionaries(sent))
    return _created(_several(await _made(running, caller.tenant.name, sent, terms, key_id=caller.key_id)))


async def listed_multilingual(running: Running, caller: GlossaryReader) -> Response:
    """All of the tenant's."""
    found = await asyncio.to_thread(running.glossaries.all, caller.tenant.name)
    return reply({"glossaries": [_shown(each) for each in found]})


async def show_multilingual(id: GlossaryId, running: Running, caller: GlossaryReader) -> Response:  # noqa: A002
    """With its pairs, without their entries."""
    return reply(_several(await _edition(running, caller.tenant.name, id)))


async def change_multilingual(
    request: Request,
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryKeeper,
) -> Response:
    """Entries are added to those of their pair; a term that is there gets the new translation."""
    sent = await fields_of(request)
    given = _dictionaries(sent) if sent.values.get("dictionaries") else []
    name = sent.one("name")
    if name is not None and not isinstance(name, str):
        raise InvalidRequest("Value for 'name' not supported.")

    def change(old: Terms) -> Terms:
        for dictionary in given:
            old = old.with_terms(dictionary)
        return old

    made = await asyncio.to_thread(
        running.glossaries.change, caller.tenant.name, id, change, name=name, key_id=caller.key_id
    )
    return reply(_several(made))


async def entries_multilingual(
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryReader,
    source_lang: Language,
    target_lang: Language,
) -> Response:
    """As TSV, in JSON."""
    found = await _edition(running, caller.tenant.name, id)
    dictionary = _of_pair(found.terms, _pair(source_lang, target_lang))
    told = {**_languages(*dictionary.pair), "entries": exchange.written(dictionary, "tsv")}
    return reply({"dictionaries": [{**told, "entries_format": "tsv"}]})


async def replace_dictionary(
    request: Request,
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryKeeper,
) -> Response:
    """Or adds them, where the glossary had none of the pair."""
    dictionary = _dictionary(_given(await fields_of(request)))
    await asyncio.to_thread(
        running.glossaries.change,
        caller.tenant.name,
        id,
        lambda old: old.with_dictionary(dictionary),
        key_id=caller.key_id,
    )
    return reply({**_languages(*dictionary.pair), "entry_count": len(dictionary.terms)})


async def delete_dictionary(
    id: GlossaryId,  # noqa: A002
    running: Running,
    caller: GlossaryKeeper,
    source_lang: Language,
    target_lang: Language,
) -> Response:
    """The glossary stays, with its other pairs."""
    pair = _pair(source_lang, target_lang)

    def change(old: Terms) -> Terms:
        _of_pair(old, pair)
        return old.without(*pair)

    await asyncio.to_thread(running.glossaries.change, caller.tenant.name, id, change, key_id=caller.key_id)
    return Response(status_code=204)


async def protection(
    running: Runtime, tenant: str, sent: Fields, *, source: str | None, target: str
) -> Protection:
    """What `glossary_id` or `glossary_ids` ask for. Raises NotThere, and InvalidRequest in DeepL's words."""
    ids = [part for value in sent.all("glossary_id", "glossary_ids") for part in _ids(value)]
    if not ids:
        return PLAIN
    if source is None:
        raise InvalidRequest("Use of a glossary requires the source_lang parameter to be specified.")
    if len(ids) > MOST:
        raise InvalidRequest(f"At most {MOST} glossaries can be used at once.")
    found = [await asyncio.to_thread(_known, running, tenant, each) for each in ids]
    for each in found:
        _of_pair(each.terms, (source, target), bad_request=True)
    return found[0] if len(found) == 1 else _merged(found, source, target)


def _known(running: Runtime, tenant: str, glossary: str) -> Protection:
    try:
        return running.glossaries.protection(tenant, glossary)
    except NotThere as error:
        raise NotThere(f"Glossary not found. {error}") from None


def _merged(found: list[Protection], source: str, target: str) -> Protection:
    """Of two translations of a term, the first glossary's."""
    terms = {term.source: term for each in reversed(found) for term in each.terms.of(source, target)}
    protected = [name for each in found for name in each.terms.protected]
    patterns = [pattern for each in found for pattern in each.terms.patterns]
    made = Terms.made(
        [Dictionary(source, target, tuple(terms.values()))], protected=protected, patterns=patterns
    )
    return Protection(made, edition=found[0].edition, mark=",".join(each.mark for each in found))


def _ids(value: object) -> list[str]:
    if not isinstance(value, str):
        raise InvalidRequest("Value for 'glossary_id' not supported.")
    return [part.strip() for part in value.split(",") if part.strip()]


async def _made(running: Runtime, tenant: str, sent: Fields, terms: Terms, *, key_id: str | None) -> Edition:
    name = sent.one("name")
    if not isinstance(name, str):
        raise InvalidRequest("Parameter 'name' not specified.")
    return await asyncio.to_thread(running.glossaries.create, tenant, name, terms, key_id=key_id)


async def _edition(running: Runtime, tenant: str, glossary: str) -> Edition:
    return await asyncio.to_thread(running.glossaries.get, tenant, glossary)


def _given(sent: Fields) -> Mapping[str, Any]:
    return {name: sent.one(name) for name in ("source_lang", "target_lang", "entries", "entries_format")}


def _dictionaries(sent: Fields) -> list[Dictionary]:
    """One, where they are sent twice for a pair: the last. Raises InvalidRequest."""
    given = sent.all("dictionaries")
    if not given:
        raise InvalidRequest("Parameter 'dictionaries' not specified.")
    if not all(isinstance(each, dict) for each in given):
        raise InvalidRequest("Value for 'dictionaries' not supported.")
    return [_dictionary(each) for each in given]


def _dictionary(given: Mapping[str, Any]) -> Dictionary:
    form = _FORMS.get(str(given.get("entries_format") or "tsv"))
    if form is None:
        raise InvalidRequest("Value for 'entries_format' not supported.")
    entries = given.get("entries")
    if not isinstance(entries, str) or not entries.strip():
        raise InvalidRequest("Parameter 'entries' not specified.")
    source, target = _pair(given.get("source_lang"), given.get("target_lang"))
    if source == target:
        raise InvalidRequest("Source and target language are equal.")
    return Dictionary(source, target, exchange.terms_of(entries, form, source=source, target=target))


def _pair(source: object, target: object) -> tuple[str, str]:
    return words.ours(source, "source_lang"), words.ours(target, "target_lang")


def _of_pair(terms: Terms, pair: tuple[str, str], *, bad_request: bool = False) -> Dictionary:
    found = next((each for each in terms.dictionaries if each.pair == pair), None)
    if found is not None:
        return found
    said = "No dictionary found for language pair"
    raise InvalidRequest(said) if bad_request else NotThere(said)


def _languages(source: str, target: str) -> dict[str, str]:
    return {"source_lang": words.theirs(source).lower(), "target_lang": words.theirs(target).lower()}


def _single(found: Summary) -> dict[str, Any]:
    """Raises NotThere for a glossary of several pairs, or none."""
    if len(found.pairs) != 1:
        raise NotThere("Glossary not found: it is not of one language pair. Ask /v3/glossaries for it.")
    ((source, target, terms),) = found.pairs
    head = {"glossary_id": found.id, "name": found.name, "ready": True, "creation_time": _time(found)}
    return {**head, **_languages(source, target), "entry_count": terms}


def _several(found: Edition) -> dict[str, Any]:
    return _shown(summary(found))


def _shown(found: Summary) -> dict[str, Any]:
    dictionaries = [
        {**_languages(source, target), "entry_count": terms} for source, target, terms in found.pairs
    ]
    head = {"glossary_id": found.id, "name": found.name, "creation_time": _time(found)}
    return {**head, "dictionaries": dictionaries}


def _time(found: Summary) -> str:
    """With the fraction that its client's parser asks for, also where it is none."""
    return found.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _created(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), 201, media_type="application/json")

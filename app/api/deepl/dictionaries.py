"""What DeepL's glossaries of one pair and of several have in common: how they are sent, found and told."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import Path, Response

from app.api.deepl import words
from app.api.deepl.answers import refusals
from app.api.fields import Fields
from app.errors import InvalidRequest, NotThere
from app.glossary import exchange
from app.glossary.store import Summary
from app.glossary.terms import Dictionary, Edition, Terms
from app.runtime import Runtime
from app.tenants.caller import Caller

GlossaryId = Annotated[str, Path(max_length=100, description="As it was given when it was created.")]
GONE: dict[str, Any] = {"status_code": 204, "responses": refusals(404)}
_FORMS: Mapping[str, exchange.Form] = {"tsv": "tsv", "csv": "csv"}


async def new_edition(
    running: Runtime, tenant: str, sent: Fields, terms: Terms, *, key_id: str | None
) -> Edition:
    name = sent.one("name")
    if not isinstance(name, str):
        raise InvalidRequest("Parameter 'name' not specified.")
    return await asyncio.to_thread(running.glossaries.create, tenant, name, terms, key_id=key_id)


async def edition_of(running: Runtime, tenant: str, glossary: str) -> Edition:
    return await asyncio.to_thread(running.glossaries.get, tenant, glossary)


async def deleted(running: Runtime, caller: Caller, glossary: str) -> Response:
    await asyncio.to_thread(running.glossaries.delete, caller.tenant.name, glossary, key_id=caller.key_id)
    return Response(status_code=204)


def dictionary_fields(sent: Fields) -> Mapping[str, Any]:
    return {name: sent.one(name) for name in ("source_lang", "target_lang", "entries", "entries_format")}


def dictionary_of(given: Mapping[str, Any]) -> Dictionary:
    form = _FORMS.get(str(given.get("entries_format") or "tsv"))
    if form is None:
        raise InvalidRequest("Value for 'entries_format' not supported.")
    entries = given.get("entries")
    if not isinstance(entries, str) or not entries.strip():
        raise InvalidRequest("Parameter 'entries' not specified.")
    source, target = pair_of(given.get("source_lang"), given.get("target_lang"))
    if source == target:
        raise InvalidRequest("Source and target language are equal.")
    return Dictionary(source, target, exchange.terms_of(entries, form, source=source, target=target))


def pair_of(source: object, target: object) -> tuple[str, str]:
    return words.ours(source, "source_lang"), words.ours(target, "target_lang")


def of_pair(terms: Terms, pair: tuple[str, str], *, bad_request: bool = False) -> Dictionary:
    found = next((each for each in terms.dictionaries if each.pair == pair), None)
    if found is not None:
        return found
    said = "No dictionary found for language pair"
    raise InvalidRequest(said) if bad_request else NotThere(said)


def languages_of(source: str, target: str) -> dict[str, str]:
    return {"source_lang": words.theirs(source).lower(), "target_lang": words.theirs(target).lower()}


def moment(found: Summary) -> str:
    """With the fraction that its client's parser asks for, also where it is none."""
    return found.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def created(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), 201, media_type="application/json")

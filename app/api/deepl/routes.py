"""DeepL's routes, translated onto our own service."""

import asyncio
from dataclasses import replace
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from app.api.access import TO_READ_USAGE, LookingAround, UsageReader
from app.api.deepl import schemas, words
from app.api.deepl.answers import DeepLRoute, refusals
from app.api.deepl.asked import Asked, asked, check_pair
from app.api.deepl.protection import protection
from app.api.deps import Running, reply
from app.api.fields import fields_of, parsed
from app.api.foreign import ImpatientTranslator, pieces_of, remark
from app.api.recall import recalling
from app.api.repeats import REPLAYED, IdempotencyKey, once
from app.errors import InvalidRequest
from app.pieces import Piece
from app.replay import Answer, Turn

router = APIRouter(prefix="/v2", route_class=DeepLRoute, tags=["DeepL"])

UNLIMITED = 1_000_000_000_000
"""What DeepL says of an account without a limit."""


@router.post(
    "/translate",
    response_model=schemas.DeepLTranslateReply,
    summary="Translate, as DeepL does",
    name="deepl_translate",
    responses=REPLAYED | refusals(404, 413, 456, 504),
    openapi_extra=schemas.body(schemas.DeepLTranslateBody),
)
# DeepL has given it up; some clients have not.
@router.get("/translate", include_in_schema=False)
async def translate(
    request: Request, running: Running, caller: ImpatientTranslator, idempotency_key: IdempotencyKey = None
) -> Response:
    """JSON or form. A text that cannot be translated comes back as it was sent and `dragoman` says why.

    docs/migrate.md says what becomes of every parameter.
    """
    sent = await fields_of(request)
    found = asked(sent)
    source, target = found.wish.source, found.wish.target
    check_pair(source, target, router=running.router, tenant=caller.tenant.name)
    enforced = await protection(running, caller.tenant.name, sent, source=source, target=target)
    memory = await recalling(running, caller)
    wish = replace(found.wish, protection=enforced, memory=memory.on)

    async def work(turn: Turn) -> Answer:
        pieces, told = await pieces_of(wish, turn, request=request, running=running, caller=caller)
        body = {"translations": [_translation(piece, found) for piece in pieces]}
        return Answer(orjson.dumps(body), told, whole=all(piece.failure is None for piece in pieces))

    return await once(
        request, running, caller, work, key=idempotency_key, apart=f"{enforced.mark}{memory.mark}"
    )


@router.get(
    "/usage",
    response_model=schemas.DeepLUsage,
    summary="The month so far, as DeepL tells it",
    name="deepl_usage",
    dependencies=[Depends(TO_READ_USAGE.caller)],
)
async def usage(running: Running, caller: UsageReader) -> Response:
    """The calendar month, UTC; the limit is the tenant's budget of characters."""
    month = await asyncio.to_thread(running.budgets.month, caller.tenant.name)
    limit = month.budget.characters
    return reply(
        {"character_count": month.characters, "character_limit": UNLIMITED if limit is None else limit}
    )


@router.get(
    "/languages",
    response_model=list[schemas.DeepLLanguage],
    summary="Languages, as DeepL lists them",
    name="deepl_languages",
)
async def languages(request: Request, running: Running, caller: LookingAround) -> Response:
    """Those of the models that the caller's tenant may use. `type`: `source` or `target`, in the query or, as its
    client sends it, in the body.
    """
    routes = running.router.routes(tenant=caller.tenant.name)
    # Both at once: a form is completed by the query, JSON is not.
    query = parsed("", b"", request.scope["query_string"]).one("type")
    kind = query or (await fields_of(request)).one("type") or "source"
    if kind == "source":
        return reply(words.sources(sorted({route.languages[0] for route in routes})))
    if kind == "target":
        return reply(words.targets(sorted({route.languages[-1] for route in routes})))
    raise InvalidRequest("Value for 'type' not supported.")


@router.get(
    "/glossary-language-pairs",
    response_model=schemas.DeepLGlossaryPairs,
    summary="Pairs for glossaries, as DeepL lists them",
    name="deepl_glossary_pairs",
)
async def glossary_pairs(running: Running, caller: LookingAround) -> Response:
    """Those that are translated for the caller's tenant."""
    routes = running.router.routes(tenant=caller.tenant.name)
    pairs = sorted({(route.languages[0], route.languages[-1]) for route in routes})
    theirs = [tuple(words.theirs(code).lower() for code in pair) for pair in pairs]
    return reply(
        {"supported_languages": [{"source_lang": here, "target_lang": there} for here, there in theirs]}
    )


def _translation(piece: Piece, found: Asked) -> dict[str, Any]:
    told: dict[str, Any] = {
        "detected_source_language": words.theirs(piece.source),
        "text": piece.text,
    }
    if found.shows_billed:
        told["billed_characters"] = piece.billed
    if found.model_type is not None:
        told["model_type_used"] = found.model_type
    if piece.flags or piece.failure:
        told["dragoman"] = remark(piece)
    return told

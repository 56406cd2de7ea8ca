"""LibreTranslate's routes, translated onto our own service."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from app.api.access import TO_EXAMINE
from app.api.authentication import address
from app.api.deps import Running, reply
from app.api.fields import Fields, fields_of
from app.api.foreign import ImpatientTranslator, Wish, pieces_of, remark
from app.api.libretranslate import schemas, words
from app.api.libretranslate.answers import LibreRoute, refusals
from app.api.recall import recalling
from app.api.repeats import REPLAYED, IdempotencyKey, once
from app.detection import Detection
from app.documents.registry import suffixes
from app.errors import InvalidRequest, Suspended, TooLarge, Unauthenticated
from app.pieces import Piece
from app.replay import Answer, Turn
from app.runtime import Runtime
from app.tenants.openness import is_open
from app.validation import Limits, check_texts
from models.contracts import MOST_OTHERS
from models.route import Route
from models.router import ANYONE

guarded = APIRouter(route_class=LibreRoute, tags=["LibreTranslate"])
public = APIRouter(tags=["LibreTranslate"])

GUESSES = 3
"""Languages that a detection names at most."""

_FORMATS = ("text", "html")


@guarded.post(
    "/translate",
    response_model=schemas.LibreTranslateReply,
    summary="Translate, as LibreTranslate does",
    name="libretranslate_translate",
    responses=REPLAYED | refusals(402, 409, 413, 504),
    openapi_extra=schemas.body(schemas.LibreTranslateBody),
)
async def translate(
    request: Request, running: Running, caller: ImpatientTranslator, idempotency_key: IdempotencyKey = None
) -> Response:
    """JSON, form or query. Texts are detected one by one; a text that cannot be translated comes back as it was sent
    and `dragoman` says why. With `alternatives` the engine searches more widely: slower, and the best translation may
    be another than without.
    """
    sent = await fields_of(request)
    wish, many = _wish(sent, running, tenant=caller.tenant.name)
    memory = await recalling(running, caller)
    wish = replace(wish, memory=memory.on)

    async def work(turn: Turn) -> Answer:
        found, told = await pieces_of(wish, turn, request=request, running=running, caller=caller)
        body = _body(found, many=many, detected=wish.source is None, others=wish.alternatives > 0)
        return Answer(orjson.dumps(body), told, whole=all(piece.failure is None for piece in found))

    return await once(request, running, caller, work, key=idempotency_key, apart=memory.mark or None)


@guarded.post(
    "/detect",
    response_model=list[schemas.LibreDetection],
    summary="Detect, as LibreTranslate does",
    name="libretranslate_detect",
    dependencies=[Depends(TO_EXAMINE.caller)],
    responses=refusals(413),
    openapi_extra=schemas.body(schemas.LibreDetectBody),
)
async def detect(request: Request, running: Running) -> Response:
    """The three likeliest languages, calibrated, the likeliest first; `und` alone where there is nothing to go by."""
    text = _needed(await fields_of(request), "q")
    if not isinstance(text, str):
        raise InvalidRequest("Invalid request: q parameter is not a text")
    _check_length([text], running)
    found = await asyncio.get_running_loop().run_in_executor(running.workers, running.detector.detect, [text])
    return reply(_guesses(found[0]))


@public.get(
    "/languages",
    response_model=list[schemas.LibreLanguage],
    summary="Languages, as LibreTranslate lists them",
    name="libretranslate_languages",
)
# argostranslate's client asks so.
@public.post("/languages", include_in_schema=False)
async def languages(request: Request, running: Running) -> Response:
    """Those that the models lead from or to; with a key, the models that its tenant may use. Needs none, as there."""
    targets: defaultdict[str, set[str]] = defaultdict(set)
    for route in running.router.routes(tenant=await _tenant(request, running)):
        source, target = route.languages[0], route.languages[-1]
        targets[source] |= {source, target}
        targets[target].add(target)
    return reply(
        [
            {**words.entry(code), "targets": sorted(map(words.theirs, found))}
            for code, found in sorted(targets.items())
        ]
    )


@public.get(
    "/frontend/settings",
    response_model=schemas.LibreSettings,
    summary="What LibreTranslate's own page asks",
    name="libretranslate_settings",
)
async def settings(request: Request, running: Running) -> Response:
    """Limits of this server. Needs no key, as there."""
    chosen = running.settings
    routes = running.router.routes(tenant=await _tenant(request, running))
    codes = sorted({code for route in routes for code in route.languages})
    target = "en" if "en" in codes or not codes else codes[0]
    return reply(
        {
            "charLimit": chosen.max_characters,
            "frontendTimeout": 500,
            "apiKeys": True,
            "keyRequired": not is_open(chosen),
            "suggestions": False,
            "filesTranslation": True,
            "supportedFilesFormat": suffixes(),
            "language": {"source": {"code": "auto", "name": "Auto Detect"}, "target": words.entry(target)},
        }
    )


@public.get(
    "/health",
    response_model=schemas.LibreHealth,
    summary="Is the process alive, as LibreTranslate says it",
    name="libretranslate_health",
)
async def health() -> Response:
    """As `/healthz`: 200 as long as the process answers at all."""
    return reply({"status": "ok"})


@public.get(
    "/spec",
    response_model=dict[str, Any],
    summary="This description, where LibreTranslate has its own",
    name="libretranslate_spec",
)
async def spec(request: Request) -> Response:
    """The same as `/openapi.json`."""
    return reply(request.app.openapi())


# It never does anything, so it is not described.
@guarded.post("/suggest", include_in_schema=False)
async def suggest() -> Response:
    said = {"error": "Suggestions are disabled on this server."}
    return Response(orjson.dumps(said), HTTPStatus.FORBIDDEN, media_type="application/json")


async def _tenant(request: Request, running: Runtime) -> str:
    """Whose key came, if one did: a wrong one is none here, as there."""
    try:
        caller = await running.authenticator.authenticate(request.headers, address(request.scope))
    except (Unauthenticated, Suspended):
        return ANYONE
    return caller.tenant.name


def _wish(sent: Fields, running: Runtime, *, tenant: str) -> tuple[Wish, bool]:
    """And whether the texts came as a list."""
    texts, many = _texts(_needed(sent, "q"), json=sent.json)
    source, target = (str(_needed(sent, name)) for name in ("source", "target"))
    named = str(sent.one("format") or "text")
    if named not in _FORMATS:
        raise InvalidRequest(f"{ascii(named[:35])[1:-1]} format is not supported")
    _check_length(texts, running)
    wish = Wish(
        texts,
        words.ours(target),
        None if source == words.AUTO else words.ours(source),
        "html" if named == "html" else None,
        alternatives=min(_number(sent, "alternatives"), MOST_OTHERS),
    )
    _check_pair(wish, running.router.routes(tenant=tenant))
    return wish, many


def _texts(found: Any, *, json: bool) -> tuple[list[str], bool]:
    many = isinstance(found, list)
    texts = found if many else [found]
    if not all(isinstance(text, str) for text in texts):
        raise InvalidRequest("Invalid request: q parameter is not a text or a list of texts")
    # Forms come with line ends as browsers send them.
    return (texts if json else [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]), many


def _needed(sent: Fields, name: str) -> Any:
    found = sent.one(name)
    if not found:
        raise InvalidRequest(f"Invalid request: missing {name} parameter")
    return found


def _number(sent: Fields, name: str) -> int:
    try:
        return max(0, int(sent.one(name) or 0))
    except (TypeError, ValueError):
        raise InvalidRequest(f"Invalid request: {name} parameter is not a number") from None


def _check_length(texts: list[str], running: Runtime) -> None:
    for size, limit in (
        (len(texts), running.settings.max_texts),
        (sum(map(len, texts)), running.settings.max_characters),
    ):
        if size > limit:
            raise TooLarge(f"Invalid request: request ({size}) exceeds text limit ({limit})")
    check_texts(texts, Limits(None, None))


def _check_pair(wish: Wish, routes: Sequence[Route]) -> None:
    known = {code for route in routes for code in (route.languages[0], route.languages[-1])}
    for code in filter(None, (wish.source, wish.target)):
        if code not in known:
            raise InvalidRequest(f"{words.theirs(code)} is not supported")


def _body(found: list[Piece], *, many: bool, detected: bool, others: bool) -> dict[str, Any]:
    def each(values: list[Any]) -> Any:
        return values if many else values[0]

    body: dict[str, Any] = {"translatedText": each([piece.text for piece in found])}
    if detected:
        body["detectedLanguage"] = each(
            [
                {"confidence": words.percent(piece.confidence), "language": words.theirs(piece.source)}
                for piece in found
            ]
        )
    if others:
        body["alternatives"] = each([list(piece.alternatives) for piece in found])
    if any(piece.flags or piece.failure for piece in found):
        body["dragoman"] = each([remark(piece) for piece in found])
    return body


def _guesses(found: Detection) -> list[dict[str, Any]]:
    ranked = list(found.alternatives)
    if not ranked or found.language != ranked[0][0]:
        ranked = [(found.language, found.confidence), *ranked]
    named = [(code, sure) for code, sure in ranked if code != "und" or len(ranked) == 1]
    return [
        {"confidence": words.percent(sure), "language": words.theirs(code)} for code, sure in named[:GUESSES]
    ]

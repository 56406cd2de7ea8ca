"""POST /v1/translate."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal, TypeVar

import orjson
from fastapi import APIRouter, Header, Request, Response

from app import bodies
from app.api.access import Translator
from app.api.deps import OrjsonRoute, Running
from app.api.headers import utf8
from app.api.measures import measures
from app.api.priority import LARGE, priority_of
from app.api.problems import refusals
from app.api.protection import asked, protection
from app.api.recall import recalling
from app.api.repeats import REPLAYED, IdempotencyKey, once
from app.api.schemas.translate import TranslateBody, TranslateReply
from app.documents.format import Options
from app.errors import InvalidRequest
from app.marked import Marked
from app.provenance import Making
from app.replay import Answer, Turn
from app.results import TranslationRequest, TranslationResult
from app.runtime import Runtime
from app.tenants.caller import Caller
from app.tenants.limiter import Unit
from app.tenants.tenant import Scope
from app.validation import Limits, check_texts, cost_centre

router = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["translation"])
AUTO = "auto"
T = TypeVar("T")
CostCentre = Annotated[
    str | None, Header(description="Filed with the charge: up to 64 printable characters, in UTF-8.")
]
Class = Annotated[
    Literal["interactive", "bulk"] | None,
    Header(
        description="`bulk` work gives way to `interactive` work, which somebody waits for. Left out, a body of "
        f"more than {LARGE // 1024} KiB is bulk work."
    ),
]


@router.post(
    "/translate",
    response_model=TranslateReply,
    summary="Translate one text or several",
    responses=REPLAYED | refusals(400, 402, 404, 409, 413, 415, 422, 429, 503, 504),
)
async def translate(
    body: TranslateBody,
    request: Request,
    running: Running,
    caller: Translator,
    idempotency_key: IdempotencyKey = None,
    x_cost_centre: CostCentre = None,
    x_priority: Class = None,
) -> Response:
    """Detects the language of every segment, translates what is not in the target language yet, and charges it.

    Texts that cannot be translated come back with `status: failed` and say why; the others are not held up.
    """
    if x_priority != "bulk":
        caller.require(Scope.TRANSLATE)
    texts = [body.text] if isinstance(body.text, str) else body.text
    reading = reader(body, texts, running)
    filed_under = cost_centre(utf8(x_cost_centre))
    enforced = await protection(running, caller, asked(body.glossary, body.protect), target=body.target)
    memory = await recalling(running, caller, body.memory)
    wanted = partial(
        TranslationRequest,
        texts=texts,
        target=body.target,
        source=None if body.source.lower() == AUTO else body.source,
        candidates=body.candidates,
        tenant=caller.tenant.name,
        key_id=caller.key_id,
        priority=priority_of(x_priority, len(await request.body())),
        timeout=running.settings.request_timeout,
        id=request.scope["dragoman.id"],
        cost_centre=filed_under,
        scored=body.confidence,
        protection=enforced,
        memory=memory.on,
    )
    work = _Work(running, caller, texts, wanted, reading, running.made if body.detail else None)
    apart = f"{filed_under or ''}\n{enforced.mark}{memory.mark}"
    return await once(request, running, caller, work.done, key=idempotency_key, apart=apart)


@dataclass(frozen=True, slots=True)
class _Work:
    running: Runtime
    caller: Caller
    texts: Sequence[str]
    wanted: Callable[..., TranslationRequest]
    """But for how it is charged."""
    reading: Callable[[], Marked] | None
    """Of markup."""
    detail: Making | None
    """What it was made with, where that is to be told."""

    async def done(self, turn: Turn) -> Answer:
        running, riders = self.running, turn.riders
        await running.limiter.take(self.caller, Unit.CHARACTERS, sum(map(len, self.texts)))
        wanted = self.wanted(idempotency_key=turn.key, implicit_key=turn.implicit_key, digest=turn.digest)
        marked = None if self.reading is None else await in_a_worker(running, self.reading)
        result = await running.translation.translate(
            wanted if marked is None else marked.asked(wanted, counted=True),
            riders=None if riders is None else lambda done: riders(self._answer(done, marked), done.id),
        )
        if not result.duplicate:
            running.telemetry.charged(result.entry, result.tallies)
        if marked is None:
            return self._answer(result, None)
        return await in_a_worker(running, partial(self._answer, result, marked))

    def _answer(self, result: TranslationResult, marked: Marked | None) -> Answer:
        if marked is not None:
            result = marked.answered(result)
        return Answer(
            orjson.dumps(bodies.translation(result, detail=self.detail is not None, made=self.detail)),
            measures(result),
            whole=all(text.failure is None for text in result.texts),
        )


def reader(body: TranslateBody, texts: Sequence[str], running: Runtime) -> Callable[[], Marked] | None:
    """What takes the texts apart; None where they are plain. Raises InvalidRequest, or TooLarge."""
    if body.format == "text":
        if body.ignore_tags:
            raise InvalidRequest("`ignore_tags` is for texts whose `format` is html or xml.")
        return None
    check_texts(texts, Limits(running.settings.max_texts, running.settings.max_characters))
    return partial(Marked.read, texts, body.format, Options(kept=tuple(body.ignore_tags)))


async def in_a_worker(running: Runtime, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(running.workers, work)

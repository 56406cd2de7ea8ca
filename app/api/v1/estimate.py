"""POST /v1/estimate."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Response

from app import bodies
from app.api.access import Translator
from app.api.deps import OrjsonRoute, Running, reply
from app.api.problems import refusals
from app.api.schemas.estimate import EstimateReply
from app.api.schemas.translate import TranslateBody
from app.api.v1.translate import AUTO, in_a_worker, reader
from app.estimate import Estimate
from app.ledger.forecast import Forecast
from app.marked import Marked
from app.results import TranslationRequest
from app.validation import Limits, check_texts, listed_codes

router = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["usage"])
FULL = 2_000
"""Characters that fill an engine call of their own."""


@router.post(
    "/estimate",
    response_model=EstimateReply,
    summary="What a translation would come to",
    responses=refusals(400, 413, 415, 422, 503),
)
async def estimate(body: TranslateBody, running: Running, caller: Translator) -> Response:
    """Takes the body of `/v1/translate`; nothing is translated or charged.

    Characters, segments and price are what it would be charged; engine time, cost and time have a band. The tenant's
    translation memory is left out: what it would answer is reckoned as the engine's work.
    """
    texts = [body.text] if isinstance(body.text, str) else body.text
    check_texts(texts, Limits(running.settings.max_texts, running.settings.max_characters))
    begun = running.estimator.begin(
        target=body.target,
        source=None if body.source.lower() == AUTO else body.source,
        candidates=listed_codes(running.settings.candidates) if body.candidates is None else body.candidates,
        tenant=caller.tenant.name,
        batched=sum(map(len, texts)) >= FULL,
    )
    reading = reader(body, texts, running)
    found = await in_a_worker(running, partial(_worked_out, begun, texts, reading))
    return reply(bodies.estimate(found))


def _worked_out(begun: Estimate, texts: Sequence[str], reading: Callable[[], Marked] | None) -> Forecast:
    if reading is None:
        begun.add(texts)
    else:
        asked = reading().asked(TranslationRequest((), ""), counted=True)
        begun.add(asked.texts, markup=asked.markup)
    return replace(begun.forecast(), texts=len(texts))

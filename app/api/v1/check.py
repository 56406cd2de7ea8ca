"""POST /v1/check."""

import asyncio

from fastapi import APIRouter, Depends, Response

from app import bodies
from app.api.access import TO_EXAMINE
from app.api.deps import OrjsonRoute, Running, reply
from app.api.problems import refusals
from app.api.schemas.check import CheckBodies, CheckReply
from app.checking import Pair, check_pairs
from app.validation import Limits, check_texts

router = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["checks"])


@router.post(
    "/check",
    response_model=CheckReply,
    summary="Check translations from anywhere",
    dependencies=[Depends(TO_EXAMINE.caller)],
    responses=refusals(400, 413, 415, 422),
)
async def check(body: CheckBodies, running: Running) -> Response:
    """Compares numbers, dates, sums, identifiers, emoji, negation, length and language of source and translation.

    Deterministic, without a model; docs/flags.md explains each kind. One result a pair, in order. Costs nothing.
    """
    sent = body if isinstance(body, list) else [body]
    pairs = [Pair(each.source, each.text, each.source_language, each.target_language) for each in sent]
    limits = Limits(running.settings.max_texts, running.settings.max_characters)
    for texts in ([pair.source for pair in pairs], [pair.text for pair in pairs]):
        check_texts(texts, limits)
    work = asyncio.get_running_loop().run_in_executor(running.workers, check_pairs, pairs, running.detector)
    return reply({"results": [bodies.findings(each) for each in await work]})

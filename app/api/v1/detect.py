"""POST /v1/detect."""

import asyncio
from functools import partial

from fastapi import APIRouter, Depends, Response

from app import bodies
from app.api.access import TO_EXAMINE
from app.api.deps import OrjsonRoute, Running, reply
from app.api.problems import refusals
from app.api.schemas.detect import DetectBody, DetectReply
from app.validation import Limits, candidate_codes, check_texts, listed_codes

router = APIRouter(prefix="/v1", route_class=OrjsonRoute, tags=["detection"])


@router.post(
    "/detect",
    response_model=DetectReply,
    summary="Name the language of texts",
    dependencies=[Depends(TO_EXAMINE.caller)],
    responses=refusals(400, 413, 415, 422),
)
async def detect(body: DetectBody, running: Running) -> Response:
    """One answer a text, over every language known here unless `candidates` narrows it. Costs nothing."""
    texts = [body.text] if isinstance(body.text, str) else body.text
    candidates = candidate_codes(body.candidates) or listed_codes(running.settings.candidates)
    check_texts(texts, Limits(running.settings.max_texts, running.settings.max_characters))
    work = partial(running.detector.detect, texts, candidates=candidates)
    found = await asyncio.get_running_loop().run_in_executor(running.workers, work)
    return reply({"detections": [bodies.detection(each) for each in found]})

"""Dragoman's own API, version 1."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.api.shortway import Way
from app.api.v1 import (
    check,
    describe,
    detect,
    documents,
    estimate,
    glossaries,
    jobs,
    memory,
    quality,
    review,
    translate,
    usage,
)

# Each part names the prefix itself: FastAPI leaves the one of an outer router out of `scope["route"].path`,
# which the log and the metrics show.
router = APIRouter()
router.include_router(translate.router)
router.include_router(detect.router)
router.include_router(check.router)
router.include_router(describe.router)
router.include_router(usage.router)
router.include_router(quality.router)
router.include_router(quality.changing)
router.include_router(estimate.router)
router.include_router(documents.router)
router.include_router(jobs.router)
router.include_router(glossaries.router)
router.include_router(glossaries.changing)
router.include_router(review.router)
router.include_router(review.deciding)
router.include_router(memory.router)

DOCUMENTS, FORM_BYTES = documents.PATH, documents.FORM_BYTES
"""Where bodies have a limit of their own."""

WAYS = tuple(Way.to(route) for route in translate.router.routes if isinstance(route, APIRoute))
"""Endpoints that are called once a sentence."""

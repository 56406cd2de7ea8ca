"""Dragoman's own API, version 1."""

from fastapi import APIRouter

from app.api.v1 import describe, detect, translate, usage

router = APIRouter(prefix="/v1")
router.include_router(translate.router)
router.include_router(detect.router)
router.include_router(describe.router)
router.include_router(usage.router)

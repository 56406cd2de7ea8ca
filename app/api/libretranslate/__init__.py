"""LibreTranslate's API, so that its clients need a new address and nothing else."""

from fastapi import APIRouter

from app.api.libretranslate import files, routes, words
from app.api.libretranslate.schemas import BODIES
from app.api.surface import Surface

__all__ = ["BODIES", "PUBLIC", "router", "surface"]

router = APIRouter()
for part in (routes.guarded, routes.public, files.guarded, files.public):
    router.include_router(part)

PUBLIC = ("/languages", "/frontend/settings", "/health", "/spec")
_GUARDED = ("/translate", "/detect", "/suggest", files.UPLOAD)


def surface(prefix: str) -> Surface:
    public = frozenset(prefix + path for path in PUBLIC)
    return Surface(
        "libretranslate",
        paths=public | {prefix + path for path in _GUARDED},
        folders=(prefix + files.DOWNLOADS,),
        public=public,
        uploads=frozenset({prefix + files.UPLOAD}),
        open_folders=(prefix + files.DOWNLOADS,),
        key_field="api_key",
        words=words.refusal,
        named_by="X-Request-Id",
    )

"""DeepL's API, as far as it is about texts and documents, so that its clients
need a new address and key and nothing else.
"""

from fastapi import APIRouter

from app.api.deepl import analytics, documents, glossaries, multilingual, routes, words
from app.api.deepl.schemas import BODIES
from app.api.surface import Surface

__all__ = ["BODIES", "router", "surface"]

router = APIRouter()
for part in (routes, documents, glossaries, multilingual, analytics):
    router.include_router(part.router)


def surface(prefix: str) -> Surface:
    return Surface(
        "deepl",
        paths=frozenset(),
        folders=(f"{prefix}/v2/", f"{prefix}/v3/"),
        public=frozenset(),
        uploads=frozenset({prefix + documents.UPLOAD}),
        open_folders=(),
        key_field="auth_key",
        words=words.refusal,
        named_by="X-Trace-ID",
    )

"""DeepL's API, as far as it is about text, so that its clients need a new address and key and nothing else."""

from app.api.deepl import words
from app.api.deepl.routes import router
from app.api.deepl.schemas import BODIES
from app.api.surface import Surface

__all__ = ["BODIES", "router", "surface"]


def surface(prefix: str) -> Surface:
    return Surface(
        "deepl",
        paths=frozenset(),
        folders=(f"{prefix}/v2/", f"{prefix}/v3/"),
        public=frozenset(),
        key_field="auth_key",
        words=words.refusal,
        named_by="X-Trace-ID",
    )

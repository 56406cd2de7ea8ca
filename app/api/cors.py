"""Which pages of other origins may call this API from a browser."""

from typing import Any

_HEADERS = (
    "Authorization", "Content-Type", "Idempotency-Key", "If-Range", "Range", "X-API-Key", "X-Cost-Centre", "X-Priority"
)  # fmt: skip
_SHOWN = (
    "Accept-Ranges",
    "Content-Range",
    "ETag",
    "Idempotency-Replayed",
    "Retry-After",
    "X-Request-Id",
    "X-Trace-ID",
)


def cors(origins: str) -> dict[str, Any]:
    """Of Starlette's CORSMiddleware. Without credentials: a key is sent by the page, never by the browser itself."""
    return {
        "allow_origins": [origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()],
        "allow_methods": ("GET", "POST", "PUT", "PATCH", "DELETE"),
        "allow_headers": _HEADERS,
        "expose_headers": _SHOWN,
    }

"""How LibreTranslate's routes are described when they refuse."""

from typing import Any

from app.api.access import GuardedRoute

_MEANINGS = {
    400: "The request cannot be served; without a key where one is needed, too.",
    402: "The tenant's month has no room for it.",
    403: "The key is wrong, or not for this.",
    404: "There is no such file, or it was deleted.",
    409: "The Idempotency-Key named another request.",
    413: "The body is too large.",
    416: "The file does not have the bytes that `Range` asks for.",
    429: "Too often; `Retry-After` says when to come back.",
    500: "Nothing of the document could be translated.",
    503: "Not now.",
    504: "Not done in the time allowed.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/LibreError"}}}
    return {status: {"description": _MEANINGS[status], "content": error} for status in statuses}


class LibreRoute(GuardedRoute):
    refusals = refusals(400, 403, 429, 503)

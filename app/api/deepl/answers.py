"""How DeepL's routes are described when they refuse."""

from typing import Any

from app.api.access import GuardedRoute

_MEANINGS = {
    400: "The request cannot be served.",
    403: "The key is missing, wrong, or not for this.",
    404: "No such glossary or document.",
    413: "The request is too large.",
    415: "`Accept` asks for another format.",
    429: "Too often; `Retry-After` says when to come back.",
    456: "The tenant's month has no room for it.",
    503: "Not now; of a document's result, not yet, or not any more.",
    504: "Not done in the time allowed.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/DeepLError"}}}
    return {status: {"description": _MEANINGS[status], "content": error} for status in statuses}


class DeepLRoute(GuardedRoute):
    refusals = refusals(400, 403, 429, 503)

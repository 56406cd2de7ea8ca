"""What a request says where JSON, a form and the query will all do, as clients of other services expect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from fastapi import Request

from app.api.deps import is_json
from app.api.multipart import is_multipart, texts
from app.errors import InvalidRequest, TooLarge

FORM = "application/x-www-form-urlencoded"
MOST = 50_000
"""Fields of one form."""


@dataclass(frozen=True, slots=True)
class Fields:
    values: Mapping[str, list[Any]]
    json: bool
    """Whether the values have JSON's types; they are strings otherwise."""

    def one(self, name: str) -> Any:
        """The first value; of JSON the value itself, a list included. None where there is none."""
        found = self.values.get(name)
        if not found:
            return None
        return found[0]

    def all(self, *names: str) -> list[Any]:
        """Every value under any of the names, lists of JSON opened."""
        found = [value for name in names for value in self.values.get(name, ())]
        return [each for value in found for each in (value if isinstance(value, list) else [value])]


async def fields_of(request: Request) -> Fields:
    """Raises InvalidRequest for what cannot be read."""
    body = await request.body()
    return parsed(request.headers.get("content-type", ""), body, request.scope["query_string"])


def parsed(content_type: str, body: bytes, query: bytes) -> Fields:
    """JSON has all there is to say; a form is completed by the query, which goes first."""
    if is_json(content_type):
        return Fields(_json(body), json=True)
    return form([*_pairs(query), *_said(content_type, body)])


def form(pairs: Iterable[tuple[str, str]]) -> Fields:
    values: dict[str, list[Any]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return Fields(values, json=False)


def _said(content_type: str, body: bytes) -> list[tuple[str, str]]:
    if is_multipart(content_type):
        return _parts(content_type, body)
    return _pairs(body) if _is_form(content_type) else []


def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() in (FORM, "")


def _json(body: bytes) -> dict[str, list[Any]]:
    try:
        found = orjson.loads(body)
    except ValueError:
        raise InvalidRequest("Invalid request: the body is not valid JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise InvalidRequest("Invalid request: the body is not a JSON object")
    return {name: [value] for name, value in found.items()}


def _parts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    try:
        return texts(content_type, body)
    except ValueError:
        raise InvalidRequest("Invalid request: the form is not in UTF-8") from None


def _pairs(text: bytes) -> list[tuple[str, str]]:
    # Numbers of fields are checked here, because parse_qsl would call too many a ValueError like any other.
    if text.count(b"&") >= MOST:
        raise TooLarge(f"The form has more than {MOST} fields.")
    try:
        # `curl -d` percent-encodes nothing: what is not ASCII may stand as it is.
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise InvalidRequest("Invalid request: the form is not in UTF-8") from None

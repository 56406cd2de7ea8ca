"""LibreTranslate's words: its names of languages, its errors."""

from collections.abc import Mapping
from typing import Any

from app import languages
from app.errors import InvalidRequest, UnknownLanguage
from app.validation import language_code

AUTO = "auto"
_THEIRS: Mapping[str, str] = {"zh": "zh-Hans", "no": "nb"}
"""Our codes that it has others for."""
_OURS: Mapping[str, str] = {"pb": "pt", "zt": "zh"}
"""Codes of its own that are no language's or another language's; pt-BR, zh-Hant and the like are read anyway."""
_STATUS: Mapping[str, int] = {
    "invalid_request": 400,
    "invalid_text": 400,
    "too_large": 400,
    "unauthenticated": 400,
    "invalid_key": 403,
    "key_ended": 403,
    "damaged_document": 400,
    "encrypted_document": 400,
    "no_result": 500,
}
_SAID: Mapping[str, str] = {
    "unauthenticated": "Please contact the server operator to get an API key",
    "invalid_key": "Invalid API key",
}
_SLOW = frozenset({"rate_limited", "overloaded", "too_many_attempts", "too_many_jobs"})


def refusal(code: str, status: int, detail: str) -> tuple[int, Mapping[str, Any]]:
    said = _SAID.get(code, f"Slowdown: {detail}" if code in _SLOW else detail)
    return _STATUS.get(code, status), {"error": said}


def theirs(code: str) -> str:
    return _THEIRS.get(code, code)


def ours(code: str) -> str:
    """Raises InvalidRequest."""
    try:
        return language_code(_OURS.get(code.lower(), code))
    except UnknownLanguage:
        raise InvalidRequest(f"{ascii(code[:35])[1:-1]} is not supported") from None


def percent(probability: float | None) -> float:
    return round(100 * (probability or 0.0), 1)


def entry(code: str) -> dict[str, str]:
    return {"code": theirs(code), "name": languages.name(code)}

"""DeepL's words: its names of languages, its errors."""

from collections.abc import Mapping
from typing import Any

from app import languages
from app.errors import InvalidRequest, UnknownLanguage
from app.validation import language_code

_THEIRS: Mapping[str, str] = {"no": "NB"}
_TARGETS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en": (("EN-GB", "English (British)"), ("EN-US", "English (American)")),
    "pt": (("PT-BR", "Portuguese (Brazilian)"), ("PT-PT", "Portuguese (European)")),
    "zh": (("ZH", "Chinese"), ("ZH-HANS", "Chinese (simplified)")),
}
"""Targets that it has for one language of ours; one model serves them all."""
_STATUS: Mapping[str, int] = {
    "invalid_request": 400,
    "invalid_text": 400,
    "damaged_document": 400,
    "idempotency_key_reused": 400,
    "unauthenticated": 403,
    "invalid_key": 403,
    "key_ended": 403,
    "budget_exceeded": 456,
    "no_result": 503,
    "deleted": 503,
}
_SAID: Mapping[str, str] = {
    "unauthenticated": "Authorization failure, check auth_key",
    "invalid_key": "Authorization failure, check auth_key",
    "budget_exceeded": "Quota Exceeded",
    "damaged_document": "Tag handling parsing failed, please check input.",
    "no_result": "Document translation is not done yet.",
    "deleted": "Document was already downloaded, or deleted.",
}


def refusal(code: str, status: int, detail: str) -> tuple[int, Mapping[str, Any]]:
    said = _SAID.get(code)
    return _STATUS.get(code, status), {"message": detail} if said is None else {
        "message": said,
        "detail": detail,
    }


def theirs(code: str) -> str:
    return _THEIRS.get(code, code.upper())


def ours(code: object, parameter: str) -> str:
    """Raises InvalidRequest."""
    try:
        if isinstance(code, str):
            return language_code(code)
    except UnknownLanguage:
        pass
    raise unsupported(parameter)


def unsupported(parameter: str) -> InvalidRequest:
    return InvalidRequest(f"Value for '{parameter}' not supported.")


def sources(codes: list[str]) -> list[dict[str, Any]]:
    return [{"language": theirs(code), "name": languages.name(code)} for code in codes]


def targets(codes: list[str]) -> list[dict[str, Any]]:
    return [
        {"language": named, "name": name, "supports_formality": False}
        for code in codes
        for named, name in _TARGETS.get(code, ((theirs(code), languages.name(code)),))
    ]

"""Errors as `application/problem+json` (RFC 9457), and the only table of status codes."""

import logging
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.errors import (
    DragomanError,
    InvalidKey,
    KeyEnded,
    ScopeMissing,
    StorageError,
    TooOften,
    Unauthenticated,
    Unsatisfiable,
)
from batching.errors import Overloaded, Stopped
from models.contracts import ModelError
from models.fault import place

log = logging.getLogger("dragoman")
MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[str, HTTPStatus] = {
    "invalid_json": HTTPStatus.BAD_REQUEST,
    "invalid_request": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid_text": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_language": HTTPStatus.BAD_REQUEST,
    "no_route": HTTPStatus.BAD_REQUEST,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "unsupported_document": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "damaged_document": HTTPStatus.UNPROCESSABLE_ENTITY,
    "encrypted_document": HTTPStatus.UNPROCESSABLE_ENTITY,
    "no_result": HTTPStatus.CONFLICT,
    "deleted": HTTPStatus.GONE,
    "range_not_satisfiable": HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    "idempotency_key_reused": HTTPStatus.CONFLICT,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "invalid_key": HTTPStatus.UNAUTHORIZED,
    "key_ended": HTTPStatus.UNAUTHORIZED,
    "budget_exceeded": HTTPStatus.PAYMENT_REQUIRED,
    "scope_missing": HTTPStatus.FORBIDDEN,
    "tenant_suspended": HTTPStatus.FORBIDDEN,
    "form_expired": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_jobs": HTTPStatus.TOO_MANY_REQUESTS,
    "too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "overloaded": HTTPStatus.TOO_MANY_REQUESTS,
    "internal_error": HTTPStatus.INTERNAL_SERVER_ERROR,
    "storage_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "unreadable": HTTPStatus.INTERNAL_SERVER_ERROR,
    "stopping": HTTPStatus.SERVICE_UNAVAILABLE,
    "model_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "deadline_exceeded": HTTPStatus.GATEWAY_TIMEOUT,
}
"""Every code of a refused request. docs/errors.md explains each; a test keeps the two equal."""

_CHALLENGE = 'Bearer realm="dragoman"'
_MOST_FAULTS = 20
_LONGEST_NAME = 60


def problem(
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    status = STATUS[code]
    body: dict[str, Any] = {
        "type": f"urn:dragoman:error:{code}",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(orjson.dumps(body), status.value, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of these refusals, for a route's `responses`."""
    return {
        status: {
            "description": f"{HTTPStatus(status).phrase}: "
            + ", ".join(code for code, found in STATUS.items() if found == status),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    for kind, handler in _handlers().items():
        app.add_exception_handler(kind, handler)


def refusal(request: Request, error: Exception) -> Response | None:
    """The problem that `error` is to the caller; None for a defect of ours."""
    handlers = _handlers()
    found = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
    return None if found is None else found(request, error)


def body_too_large(detail: str) -> Response:
    # What is left of the body is not read, so the connection cannot serve another request.
    return problem("too_large", detail, headers={"Connection": "close"})


def unreadable() -> Response:
    """Nobody knows where the body ends, so the connection cannot serve another request."""
    detail = (
        "The request states the length of its body twice. Send Content-Length or Transfer-Encoding, once."
    )
    return problem("invalid_request", detail, headers={"Connection": "close"})


def overloaded(error: Overloaded) -> Response:
    return problem("overloaded", str(error), headers={"Retry-After": str(math.ceil(error.retry_after))})


def unforeseen(error: Exception) -> Response:
    """A defect of ours: the log gets its kind and place, never its message, which might hold text."""
    log.error("A request failed: %s", place(error))
    return problem(
        "internal_error", "Something went wrong in the service. Quote the request id to its operator."
    )


def _handlers() -> dict[type[Exception], Callable[[Request, Exception], Response]]:
    return {
        DragomanError: _application,
        Overloaded: _overloaded,
        Stopped: _stopped,
        ModelError: _model,
        RequestValidationError: _invalid,
        HTTPException: _http,
    }


def refused(error: DragomanError) -> Response:
    """The answer to a caller whose request ended in `error`."""
    if error.told != str(error):
        log.error("%s", error)
    code = error.code if error.code in STATUS else "internal_error"
    return problem(code, error.told, headers=_headers(error))


def _headers(error: DragomanError) -> dict[str, str]:
    match error:
        case Unsatisfiable():
            return {"Content-Range": f"bytes */{error.size}"}
        case StorageError():
            return {"Retry-After": "5"}
        case TooOften():
            return {"Retry-After": str(math.ceil(error.retry_after))}
        case Unauthenticated():
            why = ', error="invalid_token"' if isinstance(error, InvalidKey | KeyEnded) else ""
            return {"WWW-Authenticate": _CHALLENGE + why}
        case ScopeMissing():
            scope = " ".join(error.scopes)
            return {"WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'}
    return {}


def _application(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, DragomanError):
        raise error
    return refused(error)


def _overloaded(request: Request, error: Exception) -> Response:
    del request
    return overloaded(error if isinstance(error, Overloaded) else Overloaded(1))


def _stopped(request: Request, error: Exception) -> Response:
    del request
    return problem("stopping", str(error), headers={"Retry-After": "5"})


def _model(request: Request, error: Exception) -> Response:
    del request
    return problem("model_unavailable", str(error))


def _invalid(request: Request, error: Exception) -> Response:
    """What was sent is never repeated: neither pydantic's `input` nor its `ctx` leaves."""
    del request
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(fault["type"] == "json_invalid" for fault in found):
        return problem(
            "invalid_json",
            "The body is not valid JSON in UTF-8. Half of a surrogate pair (such as \\ud800 alone) is not valid.",
        )
    errors = [
        {"location": _location(fault["loc"]), "message": str(fault["msg"])} for fault in found[:_MOST_FAULTS]
    ]
    more = f" {len(found) - _MOST_FAULTS} more faults are not listed." if len(found) > _MOST_FAULTS else ""
    first = f"{errors[0]['location']}: {errors[0]['message']}" if errors else "see the API description"
    return problem("invalid_request", f"The request is not of the right form. {first}.{more}", errors=errors)


def _location(path: tuple[Any, ...]) -> str:
    return ".".join(ascii(part).strip("'")[:_LONGEST_NAME] for part in path)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    if status == HTTPStatus.NOT_FOUND:
        return problem("not_found", "There is nothing at this address. The API is described at /docs.")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (getattr(error, "headers", None) or {}).get("Allow", "")
        detail = f"{request.method} is not for this address; it takes {allowed}."
        return problem("method_not_allowed", detail, headers={"Allow": allowed})
    if status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return problem("unsupported_media_type", "Send JSON with the header Content-Type: application/json.")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and isinstance(error, HTTPException):
        return body_too_large(error.detail)
    return problem("invalid_request", "The request could not be read.")

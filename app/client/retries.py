"""What is sent again, and when; server errors as sentences. Pure."""

from collections.abc import Iterator
from http import HTTPStatus
from itertools import count
from typing import Any

import httpx
import orjson

from app.client.answers import Job
from app.errors import NoResult, Refused, Unreachable

ATTEMPTS = 6
LONGEST_WAIT = 60.0
"""Seconds that one `Retry-After` is honoured for, at most."""
FIRST_WAIT = 0.5
"""Seconds, doubled with every attempt, where the server does not say when to come back."""
LOOK = 0.2
"""Seconds before a job is looked at again, more with every look."""
LONGEST_LOOK = 5.0

_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_HOPELESS = frozenset({"model_unavailable"})
"""Busy by their status, but trying again would not help."""


Outcome = httpx.Response | httpx.TransportError
"""Of one attempt at a call."""


def looks() -> Iterator[float]:
    """Seconds between two looks at a job, without end."""
    return (min(LOOK * number, LONGEST_LOOK) for number in count(1))


def succeeded(job: Job) -> None:
    """Raises NoResult with the reason unless it has."""
    if job["state"] != "succeeded":
        error = job["error"] or {"code": job["state"], "message": "The job was ended by somebody else."}
        raise NoResult(f"The document could not be translated ({error['code']}). {error['message']}")


def answered(
    outcome: Outcome, attempt: int, *, url: httpx.URL, reached: bool = False, again: bool = True
) -> httpx.Response | float:
    """The server's answer, or the seconds to wait before asking again.

    Raises Refused, and Unreachable: at once unless the server was `reached` before, else after the last attempt.
    `again`: whether a call whose answer was lost may be made again.
    """
    if isinstance(outcome, httpx.TransportError):
        if not again and not isinstance(outcome, httpx.ConnectError | httpx.ConnectTimeout):
            raise Unreachable(
                f"The answer of {url} was lost ({type(outcome).__name__}). It may have been done: look before you "
                "do it again."
            ) from None
        return _after_loss(outcome, attempt, url, reached=reached)
    return outcome if outcome.is_success else _after_refusal(outcome, attempt)


def _after_refusal(response: httpx.Response, attempt: int) -> float:
    problem = _problem(response)
    if response.status_code not in _BUSY or problem in _HOPELESS or attempt >= ATTEMPTS:
        raise Refused(f"The server refused: {_detail(response)}", problem=problem)
    given = response.headers.get("Retry-After", "")
    return min(float(given), LONGEST_WAIT) if given.isdecimal() else _backoff(attempt)


def _after_loss(error: httpx.TransportError, attempt: int, url: httpx.URL, *, reached: bool) -> float:
    absent = attempt == 1 and not reached and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    if absent or attempt >= ATTEMPTS:
        raise Unreachable(
            f"No Dragoman answers at {url} ({type(error).__name__}). Is `dragoman serve` running there?"
        ) from None
    return _backoff(attempt)


def parsed(response: httpx.Response) -> Any:
    """Of JSON, an object. Raises Unreachable."""
    body = _json(response)
    if not isinstance(body, dict):
        raise Unreachable(f"What answers at {response.url.copy_with(query=None)} is not a Dragoman.")
    return body


def _backoff(attempt: int) -> float:
    return float(FIRST_WAIT * 2 ** (attempt - 1))


def _json(response: httpx.Response) -> Any:
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None


def _problem(response: httpx.Response) -> str:
    body = _json(response)
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, str) else f"http_{response.status_code}"


def _detail(response: httpx.Response) -> str:
    body = _json(response)
    detail = body.get("detail") if isinstance(body, dict) else None
    return detail if isinstance(detail, str) else f"HTTP status {response.status_code}."

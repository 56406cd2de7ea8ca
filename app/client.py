"""A thin client of Dragoman's own API: what to send again, and server errors as sentences."""

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from app import __version__
from app.errors import ConfigurationError, Refused, Unreachable

ATTEMPTS = 6
LONGEST_WAIT = 60.0
"""Seconds that one `Retry-After` is honoured for, at most."""
FIRST_WAIT = 0.5
"""Seconds, doubled with every attempt, where the server does not say when to come back."""
LOOK = 0.2
"""Seconds before a job is looked at again, more with every look."""
LONGEST_LOOK = 5.0
TIMEOUT = httpx.Timeout(10.0, read=900.0, write=60.0)
HEADERS = {"User-Agent": f"dragoman/{__version__}", "Content-Type": "application/json"}

_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_HOPELESS = frozenset({"model_unavailable"})
"""Busy by their status, but trying again would not help."""


Outcome = httpx.Response | httpx.TransportError
"""Of one attempt at a call."""


class Client:
    """Calls block. Raises Refused and Unreachable."""

    def __init__(
        self,
        server: str,
        *,
        key: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=server_url(server), timeout=TIMEOUT, headers=headers(key), transport=transport
        )
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.close()

    def translate(
        self,
        texts: Sequence[str],
        *,
        target: str,
        source: str | None = None,
        candidates: Sequence[str] | None = None,
        detail: bool = False,
    ) -> dict[str, Any]:
        """A lost answer is asked for again under the same key, so it is billed once."""
        body = translate_body(texts, target=target, source=source, candidates=candidates, detail=detail)
        return self._call("POST", "/v1/translate", body, {"Idempotency-Key": str(uuid.uuid4())})

    def estimate(
        self,
        texts: Sequence[str],
        *,
        target: str,
        source: str | None = None,
        candidates: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        body = translate_body(texts, target=target, source=source, candidates=candidates)
        return self._call("POST", "/v1/estimate", body)

    def detect(self, texts: Sequence[str], *, candidates: Sequence[str] | None = None) -> dict[str, Any]:
        body = {"text": list(texts), **({} if candidates is None else {"candidates": list(candidates)})}
        return self._call("POST", "/v1/detect", orjson.dumps(body))

    def models(self) -> dict[str, Any]:
        return self._call("GET", "/v1/models")

    def send_document(
        self, name: str, data: bytes, fields: Mapping[str, str], *, cost_centre: str | None = None
    ) -> dict[str, Any]:
        """The job. A lost answer is asked for again under the same key, so there is one."""
        body, kind = form(name, data, fields)
        headers = httpx.Headers(
            {"Content-Type": kind, "Idempotency-Key": str(uuid.uuid4())}
            | ({} if cost_centre is None else {"X-Cost-Centre": cost_centre}),
            encoding="utf-8",
        )
        return self._call("POST", "/v1/documents", body, headers)

    def finished(self, job: str) -> dict[str, Any]:
        """The job, once it is over."""
        wait = 0.0
        while True:
            found = self._call("GET", f"/v1/jobs/{job}")
            if found["finished_at"] is not None:
                return found
            wait = min(wait + LOOK, LONGEST_LOOK)
            self._sleep(wait)

    def job_report(self, job: str) -> dict[str, Any]:
        return self._call("GET", f"/v1/jobs/{job}/report")

    def job_result(self, job: str) -> tuple[bytes, str]:
        """The file and its name."""
        answer = self._send("GET", f"/v1/jobs/{job}/result")
        return answer.content, _file_name(answer.headers.get("Content-Disposition", ""))

    def delete_job(self, job: str) -> dict[str, Any]:
        return self._call("DELETE", f"/v1/jobs/{job}")

    def usage(self, **query: str | None) -> dict[str, Any]:
        return self._call("GET", _usage_path(query))

    def usage_as(self, form: str, **query: str | None) -> str:
        """`csv` or `html`."""
        return self._send("GET", _usage_path({**query, "format": form})).text

    def _call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        return _parsed(self._send(method, path, body, headers))

    def _send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        attempt = 0
        while True:
            attempt += 1
            try:
                outcome: Outcome = self._http.request(method, path, content=body, headers=headers)
            except httpx.TransportError as error:
                outcome = error
            found = answered(outcome, attempt, url=self._http.base_url)
            if not isinstance(found, float):
                return found
            self._sleep(found)


def headers(key: str | None) -> dict[str, str]:
    """Of every call. Raises ConfigurationError, without the key, for one that no header can carry."""
    if not key:
        return HEADERS
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError("The API key holds characters that no key has. Copy it again.")
    return {**HEADERS, "Authorization": f"Bearer {key}"}


def form(name: str, data: bytes, fields: Mapping[str, str]) -> tuple[bytes, str]:
    """A multipart body with a file, and its content type."""
    boundary = uuid.uuid4().hex
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
    body = b"".join([*parts, head.encode("utf-8", "replace"), data, f"\r\n--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"


def _file_name(disposition: str) -> str:
    """Never a path: the server is not to choose where it is written."""
    plain = re.search(r'filename="([^"]*)"', disposition)
    encoded = re.search(r"filename\*=utf-8''([^;]+)", disposition)
    name = unquote(encoded[1]) if encoded else plain[1] if plain else ""
    return re.split(r"[/\\]", name)[-1].strip(". ") or "result"


def _usage_path(query: Mapping[str, str | None]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"/v1/usage?{httpx.QueryParams(given)}"


def server_url(server: str) -> str:
    """Raises ConfigurationError."""
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigurationError(f"{server!a} is not a server's address. Write it as http://127.0.0.1:8080.")
    return server.rstrip("/")


def translate_body(
    texts: Sequence[str],
    *,
    target: str,
    source: str | None,
    candidates: Sequence[str] | None,
    detail: bool = False,
) -> bytes:
    body: dict[str, Any] = {
        "text": list(texts),
        "target": target,
        "source": source or "auto",
        "detail": detail,
    }
    if candidates is not None:
        body["candidates"] = list(candidates)
    return orjson.dumps(body)


def settled(
    outcome: Outcome, attempt: int, *, url: httpx.URL, reached: bool = False
) -> dict[str, Any] | float:
    """The body of the server's answer, or the seconds to wait before asking again. Raises what `answered` raises."""
    found = answered(outcome, attempt, url=url, reached=reached)
    return found if isinstance(found, float) else _parsed(found)


def answered(
    outcome: Outcome, attempt: int, *, url: httpx.URL, reached: bool = False
) -> httpx.Response | float:
    """The server's answer, or the seconds to wait before asking again.

    Raises Refused, and Unreachable: at once unless the server was `reached` before, else after the last attempt.
    """
    if isinstance(outcome, httpx.TransportError):
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


def _parsed(response: httpx.Response) -> dict[str, Any]:
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

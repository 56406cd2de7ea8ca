"""Calls of the API as they go over the wire. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import orjson

from app import __version__
from app.client import answers
from app.client.files import File, multipart
from app.errors import ConfigurationError, InvalidText

T = TypeVar("T")
JSON = "application/json"
Format = Literal["text", "html", "xml"]
Memory = Literal["off", "exact"]
TIMEOUT = httpx.Timeout(10.0, read=900.0, write=60.0)
"""A bulk request may wait long for its turn."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """Answered with a T."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    body: bytes | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    patient: bool = False
    """A server that is not there is waited for, as after a restart: it was there before."""
    again: bool = True
    """Whether it may be made again where its answer is lost: it does no more than once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for texts."""

    target: str
    source: str | None = None
    """None: detect, for every segment."""
    candidates: Sequence[str] | None = None
    detail: bool = False
    cost_centre: str | None = None
    bulk: bool = False
    """Nobody waits: people's requests go first."""
    glossary: str | Mapping[str, str] | None = None
    """Its id, or terms and what they are in the target language."""
    protect: Mapping[str, object] | None = None
    """As docs/api.md says."""
    format: Format = "text"
    ignore_tags: Sequence[str] = ()
    """Elements of markup that stand as they are."""
    confidence: bool = False
    """Whether each text and segment is to say how likely it is to be a good translation."""
    memory: Memory | None = None
    """Whether the tenant's translation memory answers. None: as its policy says."""


def translate(
    texts: str | Sequence[str], asked: Asked, *, key: str | None = None, patient: bool = False
) -> Call[answers.Translations]:
    """`key`: an Idempotency-Key; one of its own if left out, so that a lost answer is asked for again, billed once."""
    body = {**_texts(texts, asked), "detail": asked.detail}
    wanted = {"glossary": asked.glossary, "protect": asked.protect, "memory": asked.memory}
    body |= {name: value for name, value in wanted.items() if value is not None}
    if asked.format != "text" or asked.ignore_tags:
        body |= {"format": asked.format, "ignore_tags": list(asked.ignore_tags)}
    if asked.confidence:
        body["confidence"] = True
    headers = _named(
        ("Idempotency-Key", key or str(uuid.uuid4())),
        ("X-Cost-Centre", asked.cost_centre),
        ("X-Priority", "bulk" if asked.bulk else None),
    )
    return replace(_posted("/v1/translate", body, headers), patient=patient)


def estimate(texts: str | Sequence[str], asked: Asked) -> Call[answers.Estimate]:
    return _posted("/v1/estimate", _texts(texts, asked))


def detect(texts: str | Sequence[str], candidates: Sequence[str] | None) -> Call[answers.Detections]:
    return _posted("/v1/detect", {"text": _plain(texts)} | _listed(candidates))


def check(pairs: answers.ToCheck | Sequence[answers.ToCheck]) -> Call[answers.Checks]:
    return _posted("/v1/check", pairs if isinstance(pairs, dict) else list(pairs))


def languages() -> Call[answers.Languages]:
    return Call("GET", "/v1/languages")


def models() -> Call[answers.Models]:
    return Call("GET", "/v1/models")


def usage(
    since: date | None,
    until: date | None,
    group_by: str | None,
    tenant: str | None,
    *,
    form: str | None = None,
) -> Call[answers.Usage]:
    """`form`: csv or html; JSON where it is left out."""
    query = {"since": since, "until": until, "group_by": group_by, "tenant": tenant, "format": form}
    return _looked_up("/v1/usage", query)


def quality(query: Mapping[str, object]) -> Call[answers.Quality]:
    return _looked_up("/v1/quality", query)


def document(
    file: File | Path | str,
    asked: Asked,
    options: Mapping[str, object] | None = None,
    *,
    key: str | None = None,
) -> Call[answers.Job]:
    """`options` are those of docs/documents.md; of what is `asked`, languages and cost centre count."""
    body, kind = multipart(_opened(file), _fields(asked.target, asked.source, options or {}))
    cost_centre = asked.cost_centre
    headers = _named(("Idempotency-Key", key or str(uuid.uuid4())), ("X-Cost-Centre", cost_centre))
    headers["Content-Type"] = kind
    return Call("POST", "/v1/documents", body, headers)


def jobs() -> Call[answers.Jobs]:
    return Call("GET", "/v1/jobs")


def job(name: str) -> Call[answers.Job]:
    return Call("GET", _job_path(name))


def report(name: str) -> Call[answers.JobReport]:
    return Call("GET", f"{_job_path(name)}/report")


def statement(name: str) -> Call[answers.Statement]:
    return Call("GET", f"{_job_path(name)}/statement")


def statement_key() -> Call[answers.StatementKey]:
    return Call("GET", "/v1/statement-key")


def result(name: str, *, corrected: bool = False) -> Call[bytes]:
    return Call("GET", f"{_job_path(name)}/result{'?corrected=true' if corrected else ''}")


def delete(name: str) -> Call[answers.Job]:
    return Call("DELETE", _job_path(name))


def headers(key: str | None) -> dict[str, str]:
    """Of every call. Raises ConfigurationError, without the key, for one that no header can carry."""
    known = {"User-Agent": f"dragoman/{__version__}", "Content-Type": JSON}
    if not key:
        return known
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError("The API key holds characters that no key has. Copy it again.")
    return {**known, "Authorization": f"Bearer {key}"}


def server_url(server: str) -> str:
    """Raises ConfigurationError."""
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigurationError(f"{server!a} is not a server's address. Write it as http://127.0.0.1:8080.")
    return server.rstrip("/")


def _opened(file: File | Path | str) -> File:
    """A path is read now."""
    return file if isinstance(file, File) else File(Path(file).name, Path(file).read_bytes())


def _fields(target: str, source: str | None, options: Mapping[str, object]) -> dict[str, str]:
    """Of a form; lists go by commas."""
    given = {name: value for name, value in options.items() if value is not None}
    said = {
        name: ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value).lower()
        if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }  # fmt: skip
    return {**said, "target": target, "source": source or "auto"}


def _texts(texts: str | Sequence[str], asked: Asked) -> dict[str, Any]:
    said = {"text": _plain(texts), "target": asked.target, "source": asked.source or "auto"}
    return said | _listed(asked.candidates)


def _plain(texts: str | Sequence[str]) -> str | list[str]:
    return texts if isinstance(texts, str) else list(texts)


def _listed(candidates: Sequence[str] | None) -> dict[str, list[str]]:
    return {} if candidates is None else {"candidates": list(candidates)}


def _looked_up(path: str, query: Mapping[str, object]) -> Call[Any]:
    given = {name: str(value) for name, value in query.items() if value is not None}
    return Call("GET", f"{path}?{httpx.QueryParams(given)}")


def _posted(path: str, body: object, headers: httpx.Headers | None = None) -> Call[Any]:
    try:
        return Call("POST", path, orjson.dumps(body), headers or httpx.Headers())
    except TypeError as error:
        # orjson's word for half of a surrogate pair.
        raise InvalidText("A text holds half of a surrogate pair, which is no character.") from error


def _named(*given: tuple[str, str | None]) -> httpx.Headers:
    return httpx.Headers({name: value for name, value in given if value is not None}, encoding="utf-8")


def _job_path(name: str) -> str:
    return f"/v1/jobs/{quote(name, safe='')}"

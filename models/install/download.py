"""Fetches a file: by the environment's proxy, from where it broke off, and checked."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from models.contracts import InstallError, Untrusted
from models.install.room import ensure_room

T = TypeVar("T")
Progress = Callable[[str, int, int | None], None]
"""Told the name of a file, the bytes there are and the bytes there will be."""

_TRIES = 5
_PAUSE = 0.5
"""Seconds before the second try; doubled before every further one."""
_LONGEST_PAUSE = 60
"""Seconds: what a server may ask for before a further try."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a hub says of a file before it is fetched; empty where it says nothing."""

    size: int | None = None
    sha256: str = ""
    git: str = ""
    """SHA-1 of a git blob: how a hub names the small files."""


def silent(name: str, done: int, total: int | None) -> None:
    del name, done, total


def open_client(*, token: str | None = None, user: tuple[str, str] | None = None) -> httpx.Client:
    """Proxies come from HTTPS_PROXY and its like, certificates from SSL_CERT_FILE.

    A token goes to no other host, nor do a user's name and password. Raises InstallError for what cannot be used.
    """
    if token and not (token.isascii() and token.isprintable()):
        raise InstallError("HF_TOKEN, or the file that HF_TOKEN_PATH names, holds signs that no token has.")
    headers = {"User-Agent": "dragoman"} | ({"Authorization": f"Bearer {token}"} if token else {})
    timeout = httpx.Timeout(30.0, connect=15.0)
    try:
        return httpx.Client(
            headers=headers, auth=user, timeout=timeout, follow_redirects=True, trust_env=True
        )
    except (ValueError, OSError, httpx.InvalidURL):
        # Neither is shown: a proxy's address may hold a password.
        raise InstallError(
            "The environment names a proxy (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) or certificates (SSL_CERT_FILE, "
            "SSL_CERT_DIR) that cannot be used."
        ) from None


def fetch(
    client: httpx.Client,
    url: str,
    target: Path,
    *,
    expected: Expected = Expected(),
    progress: Progress = silent,
) -> str:
    """The sha256 of what is at `target` afterwards. What a broken transfer left beside it is continued.

    Raises InstallError when the server refuses or the connection keeps breaking, Untrusted for other content than
    expected.
    """
    if target.exists():
        if (digest := _digest(target, expected)) is not None:
            return digest
        target.unlink()  # of an earlier version
    part = part_of(target)
    persist(lambda: _transfer(client, url, part, expected=expected, progress=progress), url)
    digest = _checked(part, url, expected)
    part.rename(target)
    _mark(part).unlink(missing_ok=True)
    return digest


def part_of(target: Path) -> Path:
    """Where as much of it lies as has arrived."""
    return target.with_name(f"{target.name}.part")


def get(client: httpx.Client, url: str) -> httpx.Response:
    """A small answer, asked for again where the server is busy. Raises InstallError."""

    def once() -> httpx.Response:
        response = client.get(url)
        _admit(url, response)
        return response

    return persist(once, url)


def persist(action: Callable[[], T], url: str) -> T:
    """What `action` returns, tried again where the connection breaks or the server is busy. Raises InstallError."""
    for attempt in range(_TRIES):
        pause = _PAUSE * 2**attempt
        try:
            return action()
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise InstallError(f"{url[:200]!a} is no address that anything can be fetched from.") from None
        except (httpx.TooManyRedirects, httpx.DecodingError) as error:
            raise InstallError(f"{url} cannot be fetched: {type(error).__name__}.") from None
        except _Busy as error:
            reason, pause = str(error), max(pause, error.pause)
        except httpx.TransportError as error:
            reason = type(error).__name__
        if attempt < _TRIES - 1:
            time.sleep(pause)
    raise InstallError(
        f"{url} could not be fetched: {reason}. What has arrived is kept; the same command goes on from there."
    )


def size_of(client: httpx.Client, url: str) -> int | None:
    """In bytes, as the server says; None where it does not."""
    try:
        length = client.head(url).raise_for_status().headers.get("Content-Length", "")
    except httpx.HTTPError:
        return None
    return int(length) if length.isdigit() else None


def sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Busy(Exception):
    """The server asks to come again later."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause
        """Seconds that it asks for, as far as anybody would wait."""


def _transfer(client: httpx.Client, url: str, part: Path, *, expected: Expected, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have and have == expected.size:
        return
    with client.stream("GET", url, headers=_headers(part, have)) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()
            raise _Busy("range")
        _admit(url, response)
        if url.startswith("https://") and response.url.scheme != "https":
            raise Untrusted(f"{url} leads to an address without encryption. It is not followed.")
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        _mark(part).write_text(response.headers.get("ETag", ""), encoding="utf-8")
        done = have if resumed else 0
        length = response.headers.get("Content-Length", "")
        total = done + int(length) if length.isdigit() else expected.size
        ensure_room(part.parent, (total or 0) - done, url)
        with part.open("ab" if resumed else "wb") as stream:
            # As it comes: what is gathered into larger pieces is lost when the connection breaks.
            for chunk in response.iter_raw():
                stream.write(chunk)
                done += len(chunk)
                progress(part.name.removesuffix(".part"), done, total)


def _admit(url: str, response: httpx.Response) -> None:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        asked = response.headers.get("Retry-After", "")
        pause = min(int(asked), _LONGEST_PAUSE) if asked.isdecimal() else 0
        raise _Busy(f"status {response.status_code}", pause)
    if not response.is_success:
        raise InstallError(_refusal(url, response.status_code))


def _headers(part: Path, have: int) -> dict[str, str]:
    """The rest only of the very file that the first part is of; of another one everything."""
    plain = {"Accept-Encoding": "identity"}
    try:
        tag = _mark(part).read_text(encoding="utf-8")
    except OSError:
        tag = ""
    return {**plain, "Range": f"bytes={have}-", "If-Range": tag} if have and tag else plain


def _mark(part: Path) -> Path:
    return part.with_suffix(".etag")


def _refusal(url: str, status: int) -> str:
    if status in (401, 403):
        return (
            f"{url} is not there, or not open to you (status {status}). If it needs a token, set HF_TOKEN; if it has "
            f"terms, accept them on its page."
        )
    if status == 404:
        return f"There is nothing at {url}."
    return f"{url} answered with status {status}."


def _checked(file: Path, url: str, expected: Expected) -> str:
    """The sha256. A file that is not as expected is deleted, so that the next try begins anew."""
    digest = _digest(file, expected)
    if digest is None:
        file.unlink()
        raise Untrusted(
            f"What came from {url} is not what its server announced (size or checksum). It was deleted."
        )
    return digest


def _digest(file: Path, expected: Expected) -> str | None:
    """The sha256; None for a file that is not as expected."""
    digest = sha256_of(file)
    as_expected = (
        expected.size in (None, file.stat().st_size)
        and expected.sha256 in ("", digest)
        and (not expected.git or _git(file) == expected.git)
    )
    return digest if as_expected else None


def _git(file: Path) -> str:
    content = file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

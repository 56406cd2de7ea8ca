"""Fetches a file: by the environment's proxy, from where it broke off, and checked."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from models.contracts import InstallError, Untrusted
from models.install.addresses import bare
from models.install.asking import PLAIN, Busy, admit, number, persist
from models.install.room import ensure_room

Progress = Callable[[str, int, int | None], None]
"""Told the name of a file, the bytes there are and the bytes there will be."""

_STEP = 16 << 20
"""Bytes after which the disk is asked again whether there is room."""


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
    digest = _digest(part, expected)
    if digest is None:
        raise _unannounced(part, url)
    part.rename(target)
    _mark(part).unlink(missing_ok=True)
    return digest


def part_of(target: Path) -> Path:
    """Where as much of it lies as has arrived."""
    return target.with_name(f"{target.name}.part")


def size_of(client: httpx.Client, url: str) -> int | None:
    """In bytes, as the server says; None where it does not. Raises InstallError where it cannot be asked."""
    try:
        length = client.head(url).raise_for_status().headers.get("Content-Length", "")
    except httpx.HTTPStatusError:
        return None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InstallError(f"{bare(url)} could not be asked: {type(error).__name__}.") from None
    return number(length)


def sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _transfer(client: httpx.Client, url: str, part: Path, *, expected: Expected, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    if expected.size is not None and have > expected.size:
        part.unlink()
        have = 0
    if have and have == expected.size:
        return
    with client.stream("GET", url, headers=_headers(part, have)) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink()
            raise Busy("range")
        admit(url, response)
        if url.startswith("https://") and response.url.scheme != "https":
            raise Untrusted(f"{bare(url)} leads to an address without encryption. It is not followed.")
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        _mark(part).write_text(response.headers.get("ETag", ""), encoding="utf-8")
        done = have if resumed else 0
        rest = number(response.headers.get("Content-Length", ""))
        total = expected.size if rest is None else done + rest
        if expected.size is not None and (total or 0) > expected.size:
            raise _unannounced(part, url)
        ensure_room(part.parent, (total or 0) - done, bare(url))
        with part.open("ab" if resumed else "wb") as stream:
            # As it comes: what is gathered into larger pieces is lost when the connection breaks.
            for chunk in _bounded(response, part, url, done=done, size=total):
                stream.write(chunk)
                done += len(chunk)
                progress(part.name.removesuffix(".part"), done, total)


def _bounded(
    response: httpx.Response, part: Path, url: str, *, done: int, size: int | None
) -> Iterator[bytes]:
    """What comes, up to `size` in all, or as long as there is room. What would be more is not kept."""
    checked = done
    for chunk in response.iter_raw():
        done += len(chunk)
        if size is not None and done > size:
            raise _unannounced(part, url)
        if done - checked >= _STEP:
            checked = done
            _ensure_room(part, url, announced=size is not None)
        yield chunk


def _ensure_room(part: Path, url: str, *, announced: bool) -> None:
    try:
        ensure_room(part.parent, _STEP, bare(url))
    except InstallError as error:
        if announced:
            raise
        part.unlink()
        raise InstallError(f"{error} Its size was not announced; what had arrived was deleted.") from None


def _headers(part: Path, have: int) -> Mapping[str, str]:
    """The rest only of the very file that the first part is of; of another one everything."""
    try:
        tag = _mark(part).read_text(encoding="utf-8")
    except OSError:
        tag = ""
    return {**PLAIN, "Range": f"bytes={have}-", "If-Range": tag} if have and tag else PLAIN


def _mark(part: Path) -> Path:
    return part.with_suffix(".etag")


def _unannounced(part: Path, url: str) -> Untrusted:
    """Deletes what arrived, so that the next try begins anew."""
    part.unlink(missing_ok=True)
    return Untrusted(
        f"What came from {bare(url)} is not what its server announced (size or checksum). It was deleted."
    )


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
    digest = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()

"""Addresses, and files wherever fsspec reaches: `s3://bucket/…` and its kind. A plain path and `file://` are local."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

from app.bulk.extras import extra
from app.errors import ConfigurationError, StorageError

_LOCAL = "file://"
_TELLING = ("size", "ETag", "etag", "md5", "checksum", "LastModified", "mtime", "generation")
"""What stores say of a file that changes when it does."""


def is_remote(address: str) -> bool:
    return "://" in address


def table(address: str) -> str | None:
    """Its name, where the address is that of a table in a database."""
    named = parse_qs(urlsplit(address).query).get("table") if is_remote(address) else None
    return named[0] if named else None


def local(address: str) -> str:
    """`file:///a` as `/a`."""
    return address.removeprefix(_LOCAL)


@contextmanager
def opened(address: str) -> Iterator[BinaryIO]:
    """Raises ConfigurationError."""
    if not is_remote(address):
        try:
            stream = Path(address).open("rb")  # noqa: SIM115  closed below
        except OSError as error:
            raise ConfigurationError(f"{address} cannot be read: {error.strerror}.") from error
        with stream:
            yield stream
        return
    system, path = _system(address)
    try:
        remote = system.open(path, "rb")
    except Exception as error:  # every store has errors of its own
        raise ConfigurationError(f"{address} cannot be read ({type(error).__name__}).") from error
    with remote:
        yield remote


def fingerprint(address: str) -> dict[str, Any]:
    """Of a remote file: what the store says of it. Raises ConfigurationError."""
    system, path = _system(address)
    try:
        system.invalidate_cache()
        found = system.info(path)
    except Exception as error:
        raise ConfigurationError(f"{address} cannot be read ({type(error).__name__}).") from error
    return {name: str(found[name]) for name in _TELLING if name in found}


def is_several(address: str) -> bool:
    system, path = _system(address)
    return "*" in path or (address.endswith("/") or _answered(address, system.isdir, path))


def expanded(address: str) -> dict[str, str]:
    """Name below OUT to address, of a remote folder or pattern. Raises ConfigurationError."""
    system, path = _system(address)
    pattern = "*" in path
    found = _answered(address, system.glob if pattern else system.find, path)
    fixed = path.partition("*")[0].rpartition("/")[0] if pattern else path.rstrip("/")
    return {
        each.removeprefix(fixed).lstrip("/"): system.unstrip_protocol(each)
        for each in found
        if not pattern or _answered(address, system.isfile, each)
    }


def exists(address: str) -> bool:
    system, path = _system(address)
    system.invalidate_cache()
    return bool(_answered(address, system.exists, path))


def put(file: Path, address: str) -> None:
    """There as a whole when this returns, or not at all. Raises StorageError."""
    system, path = _system(address)
    try:
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        with file.open("rb") as source, system.open(path, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 22)
    except Exception as error:
        raise StorageError(f"{address} cannot be written ({type(error).__name__}).") from error


def _system(address: str) -> tuple[Any, str]:
    fsspec = extra("fsspec", address.partition("://")[0] + "://")
    try:
        system, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise ConfigurationError(f"{address} cannot be reached: {error}.") from error
    return system, str(path)


def _answered(address: str, ask: Any, path: str) -> Any:
    try:
        return ask(path)
    except Exception as error:
        raise ConfigurationError(f"{address} cannot be reached ({type(error).__name__}).") from error

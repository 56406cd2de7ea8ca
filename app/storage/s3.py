"""The files of jobs in an S3-compatible store, as `PREFIX/TENANT/NAME`: shared by replicas that share no disk.

An object is there when its upload has ended, or not at all. Credentials, region and endpoint come from the environment
that AWS's own tools read; path-style addresses are the default, which every compatible server answers.
"""

import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obstore import delete, get, list, put  # noqa: A004  the words of S3
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from app.errors import ConfigurationError, FileDamaged, FileMissing, StorageError
from app.storage.blobs import GRACE, PIECE, Blob, Checked, digest_of, is_name, new_name
from app.storage.scratch import Spooled, spooled

if TYPE_CHECKING:
    from _typeshed import SupportsRead
    from obstore.store import ClientConfig, RetryConfig, S3Config

ADDRESS = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9._/-]*))?")
_PART = 8 << 20
_AT_ONCE = 2
"""Parts of one upload in memory, and on their way."""
_LARGEST = 10_000 * _PART
_PATIENCE: "ClientConfig" = {"connect_timeout": "5s", "read_timeout": "20s", "timeout": "600s"}
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_BRIEF: "ClientConfig" = {"connect_timeout": "2s", "timeout": "3s"}
"""Of the question whether it is there, which is asked every few seconds."""
_NOTHING = ".there"
"""Of an object that never is."""
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")


class S3Blobs:
    """`app.storage.blobs.Blobs`. No two installations may share an address: each sweeps what it does not know."""

    def __init__(self, address: str) -> None:
        """Asks nothing of the store yet. Raises ConfigurationError."""
        found = ADDRESS.fullmatch(address)
        if found is None:
            raise ConfigurationError("DRAGOMAN_BLOBS is neither empty nor of the form s3://BUCKET/PREFIX.")
        self._bucket, prefix = found["bucket"], (found["prefix"] or "").strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._store = _connected(self._bucket, _PATIENCE, _RETRIES)
        self._asked = _connected(self._bucket, _BRIEF, {"max_retries": 0})

    def keep(self, tenant: str, stream: "SupportsRead[bytes]") -> str:
        with spooled(stream) as copy:
            name = new_name(copy.sha256)
            self._upload(self._key(tenant, name), copy)
        return name

    def put(self, tenant: str, name: str, stream: "SupportsRead[bytes]") -> None:
        with spooled(stream) as copy:
            if digest_of(name) not in {None, copy.sha256}:
                raise FileDamaged(f"The file {name} is not what was stored.")
            self._upload(self._key(tenant, name), copy)

    @contextmanager
    def open(self, tenant: str, name: str) -> Iterator[Blob]:
        with self._faults(name):
            found = get(self._store, self._key(tenant, name))
        arriving = _Arriving(iter(found.stream(min_chunk_size=PIECE)), self._faults)
        yield Checked(arriving, name=name, size=found.meta["size"])

    @contextmanager
    def piece(self, tenant: str, name: str, *, start: int, length: int) -> "Iterator[SupportsRead[bytes]]":
        with self._faults(name):
            found = get(self._store, self._key(tenant, name), options={"range": (start, start + length)})
        yield _Arriving(iter(found.stream(min_chunk_size=PIECE)), self._faults)

    def remove(self, tenant: str, *names: str | None) -> None:
        for name in names:
            if name is not None:
                with self._faults(name, missing=False):
                    delete(self._store, self._key(tenant, name))

    def sweep(self, known: Collection[str]) -> int:
        before = datetime.now(UTC) - timedelta(seconds=GRACE)
        with self._faults():
            stray = [
                found["path"]
                for page in list(self._store, self._prefix or None)
                for found in page
                if _named(found["path"])
                and _name(found["path"]) not in known
                and found["last_modified"] < before
            ]
            for key in stray:
                delete(self._store, key)
        return len(stray)

    def empty(self) -> bool:
        with self._faults():
            return not any(page for page in list(self._store, self._prefix or None, chunk_size=1))

    def ping(self) -> None:
        with self._faults(missing=False):
            get(self._asked, f"{self._prefix}{_NOTHING}")

    def _key(self, tenant: str, name: str) -> str:
        digest_of(name)
        return f"{self._prefix}{tenant}/{name}"

    def _upload(self, key: str, copy: Spooled) -> None:
        if copy.size > _LARGEST:
            raise StorageError(f"No file of more than {_LARGEST:,} bytes can be kept in {self._place}.")
        with self._faults():
            put(self._store, key, copy.file, chunk_size=_PART, max_concurrency=_AT_ONCE)

    @property
    def _place(self) -> str:
        return f"the store of files, s3://{self._bucket}/{self._prefix}"

    @contextmanager
    def _faults(self, name: str = "", *, missing: bool = True) -> Iterator[None]:
        """What the store says, as a sentence for the operator: its own words may name keys and credentials."""
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise StorageError(
                    f"There is no bucket {self._bucket}. Make it, or check DRAGOMAN_BLOBS."
                ) from None
            if missing:
                raise FileMissing(f"The file {name} is not in {self._place}.") from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise StorageError(
                f"Access to {self._place} is refused{_code(error)}. Check AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY, or the role, and what it may do."
            ) from None
        except (BaseError, OSError) as error:
            raise StorageError(
                f"No use can be made of {self._place}{_code(error)}. Check that it runs, the network between, and "
                "AWS_ENDPOINT_URL."
            ) from None


class _Arriving:
    """What comes in pieces, read in whatever bites."""

    def __init__(self, pieces: Iterator[Any], faults: Callable[[], AbstractContextManager[None]]) -> None:
        self._pieces = pieces
        self._faults = faults
        self._rest = memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        with self._faults():
            if size < 0:
                return b"".join(bytes(piece) for piece in (self._rest, *self._pieces))
            while not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    return b""
                self._rest = memoryview(bytes(piece))
        given, self._rest = self._rest[:size], self._rest[size:]
        return bytes(given)


def _connected(bucket: str, patience: "ClientConfig", retries: "RetryConfig") -> S3Store:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    options: ClientConfig = {**patience, "allow_http": endpoint.startswith("http://"), **_authority()}
    config: S3Config = {"disable_bulk_delete": True}
    if endpoint:
        config["endpoint"] = endpoint
    try:
        return S3Store(bucket, config=config, client_options=options, retry_config=retries)
    except (BaseError, OSError, ValueError) as error:
        raise ConfigurationError(
            "The AWS_ variables for DRAGOMAN_BLOBS cannot be used. Check them."
        ) from error


def _authority() -> "ClientConfig":
    """Certificates of an authority of one's own, where AWS's tools look for it too."""
    path = os.environ.get("AWS_CA_BUNDLE")
    if not path:
        return {}
    try:
        return {"root_certificate": Path(path).read_bytes()}
    except OSError as error:
        raise ConfigurationError(f"AWS_CA_BUNDLE, {path}, cannot be read: {error.strerror}.") from error


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _named(key: str) -> bool:
    return is_name(_name(key))


def _code(error: BaseException) -> str:
    said = str(error)
    found = _CODE.search(said) or _STATUS.search(said)
    return f" ({found[1]})" if found else ""

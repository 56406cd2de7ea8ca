"""The files of jobs in a folder: readable by this user alone, on the disk when they are there."""

import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import FileDamaged, FileMissing, StorageError
from app.storage.blobs import GRACE, Blob, Checked, Window, copied, digest_of, new_name

if TYPE_CHECKING:
    from _typeshed import SupportsRead

FOLDER = "blobs"
_PART = ".part-"


class FileBlobs:
    """`app.storage.blobs.Blobs`. Tenants share the folder: names are random, and every one was always in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Raises ValueError for what names nothing."""
        digest_of(name)
        return self._folder / name

    def keep(self, tenant: str, stream: "SupportsRead[bytes]") -> str:
        del tenant
        with self._part() as part:
            name = new_name(_written(part, stream))
            part.rename(self.path(name))
            durable(self._folder)
        return name

    def put(self, tenant: str, name: str, stream: "SupportsRead[bytes]") -> None:
        del tenant
        path, expected = self.path(name), digest_of(name)
        with self._part() as part:
            if expected not in {None, _written(part, stream)}:
                raise FileDamaged(f"The file {name} is not what was stored.")
            part.rename(path)
            durable(self._folder)

    @contextmanager
    def open(self, tenant: str, name: str) -> Iterator[Blob]:
        del tenant
        with self._file(name) as file:
            size = os.fstat(file.fileno()).st_size
            yield Checked(_Reading(file, self._fault), name=name, size=size)

    @contextmanager
    def piece(self, tenant: str, name: str, *, start: int, length: int) -> "Iterator[SupportsRead[bytes]]":
        del tenant
        with self._file(name) as file:
            file.seek(start)
            yield Window(_Reading(file, self._fault), skip=0, size=length)

    def remove(self, tenant: str, *names: str | None) -> None:
        del tenant
        for name in names:
            if name is not None:
                self._unlink(self.path(name))

    def sweep(self, known: Collection[str]) -> int:
        if not self._folder.is_dir():
            return 0
        before = time.time() - GRACE
        stray = [
            file for file in self._folder.iterdir() if file.name not in known and _changed(file) < before
        ]
        for file in stray:
            self._unlink(file)
        return len(stray)

    def empty(self) -> bool:
        return not (self._folder.is_dir() and any(self._folder.iterdir()))

    def ping(self) -> None:
        """A folder that is not there yet is made by the first file."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.statvfs(self._folder)
        except OSError as error:
            raise self._fault(error, "used") from error

    def _file(self, name: str) -> BinaryIO:
        try:
            return self.path(name).open("rb")
        except FileNotFoundError:
            raise FileMissing(
                f"The file {name} is not in the folder for documents, {self._folder}, which replicas must share."
            ) from None
        except OSError as error:
            raise self._fault(error, "read") from error

    @contextmanager
    def _part(self) -> Iterator[Path]:
        """An empty file beside the others that is none of them; gone again unless the block renames it."""
        part = self._folder / f"{_PART}{secrets.token_hex(16)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            try:
                yield part
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise self._fault(error, "written") from error

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise self._fault(error, "written") from error

    def _fault(self, error: OSError, what: str) -> StorageError:
        said = error.strerror or type(error).__name__
        return StorageError(f"The folder for documents, {self._folder}, cannot be {what}: {said}.")


class _Reading:
    def __init__(self, file: BinaryIO, fault: Callable[[OSError, str], StorageError]) -> None:
        self._file = file
        self._fault = fault

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise self._fault(error, "read") from error


def durable(path: Path) -> None:
    """The file, and its name in the folder, survive a power cut from now on."""
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _written(part: Path, stream: "SupportsRead[bytes]") -> str:
    with part.open("r+b") as file:
        digest = copied(stream, file)
    durable(part)
    return digest


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()

"""Files of jobs, as they came and as they leave: named at random, readable by this user alone."""

import os
import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import StorageError

if TYPE_CHECKING:
    from _typeshed import SupportsRead

_NAME = re.compile(r"[0-9a-f]{32}")
_GRACE = 3_600.0
"""Seconds for which a file that no job names is left alone: its job may be about to be written."""


class Blobs:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a blob")
        return self._folder / name

    def keep(self, stream: BinaryIO) -> str:
        """Copies what is left of `stream`; on the disk when this returns. Raises StorageError."""
        with self.made() as (name, path):
            with path.open("r+b") as file:
                shutil.copyfileobj(stream, file)
            durable(path)
        return name

    def put(self, name: str, stream: "SupportsRead[bytes]") -> None:
        """The same under a name that it had elsewhere. Raises ValueError for one that is none, StorageError."""
        path = self.path(name)
        with self._made(path):
            with path.open("r+b") as file:
                shutil.copyfileobj(stream, file)
            durable(path)

    @contextmanager
    def made(self) -> Iterator[tuple[str, Path]]:
        """An empty file to be written; gone again if the block raises. Raises StorageError."""
        name = secrets.token_hex(16)
        path = self._folder / name
        with self._made(path):
            yield name, path

    @contextmanager
    def _made(self, path: Path) -> Iterator[None]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            yield
        except OSError as error:
            path.unlink(missing_ok=True)
            raise StorageError(
                f"The folder for documents, {self._folder}, cannot be written: {error.strerror}."
            ) from error
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def remove(self, *names: str | None) -> None:
        for name in names:
            if name is not None:
                self.path(name).unlink(missing_ok=True)

    def sweep(self, known: Collection[str]) -> int:
        """Removes what no job names: a process was killed between file and row. Returns how many."""
        if not self._folder.is_dir():
            return 0
        before = time.time() - _GRACE
        stray = [
            file for file in self._folder.iterdir() if file.name not in known and _changed(file) < before
        ]
        for file in stray:
            file.unlink(missing_ok=True)
        return len(stray)


def durable(path: Path) -> None:
    """The file, and its name in the folder, survive a power cut from now on."""
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return time.time()

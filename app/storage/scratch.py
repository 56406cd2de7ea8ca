"""Copies of files while they are worked on, in the folder for temporary files."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import StorageError
from app.storage.blobs import copied

if TYPE_CHECKING:
    from _typeshed import SupportsRead


@dataclass(frozen=True, slots=True)
class Spooled:
    file: BinaryIO
    """At its beginning."""
    size: int
    sha256: str


@contextmanager
def folder() -> Iterator[Path]:
    """Gone with the block. Raises StorageError where it cannot be made."""
    with _faults():
        made = tempfile.TemporaryDirectory(prefix="dragoman-")
    with made as name:
        yield Path(name)


def copy(stream: "SupportsRead[bytes]", to: Path) -> None:
    """Raises StorageError."""
    with _faults(), to.open("xb") as file:
        copied(stream, file)


@contextmanager
def spooled(stream: "SupportsRead[bytes]") -> Iterator[Spooled]:
    """On the disk, so that a file of any size takes no memory; it has no name, so a killed process leaves nothing.

    Raises StorageError.
    """
    with _faults():
        file = tempfile.TemporaryFile(prefix="dragoman-")  # noqa: SIM115  closed below
    with file:
        with _faults():
            digest = copied(stream, file)
            size = file.tell()
            file.seek(0)
        yield Spooled(file, size, digest)


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = error.strerror or type(error).__name__
        place = tempfile.gettempdir()
        raise StorageError(f"The folder for temporary files, {place}, cannot be written: {said}.") from error

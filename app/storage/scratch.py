"""Copies of files while they are worked on, in the folder for temporary files."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import StorageError
from app.storage.blobs import copied

if TYPE_CHECKING:
    from _typeshed import SupportsRead

_LOCK = ".held"


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
    with ExitStack() as stack:
        stack.callback(made.cleanup)
        with _faults():
            held = _held(Path(made.name))
        stack.pop_all()
        stack.callback(os.close, held)  # the last: until the folder is gone nobody sweeps it
        stack.callback(made.cleanup)
        yield Path(made.name)


def sweep() -> int:
    """How many folders of processes that were killed are gone now. Those of living ones are locked, and stay."""
    return sum(map(_swept, Path(tempfile.gettempdir()).glob(f"dragoman-*/{_LOCK}")))


def _held(made: Path) -> int:
    """The kernel lets go of the lock when the process ends, however it does. It is there only once it is held."""
    draft = made / f"{_LOCK}.new"
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    draft.rename(made / _LOCK)
    return descriptor


def _swept(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:  # gone meanwhile, or another account's
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(lock.parent)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


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

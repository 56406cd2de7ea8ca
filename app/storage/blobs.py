"""Files of jobs, as they came and as they leave, wherever they are kept: named at random, and by their SHA-256.

Because a name holds the sum of what was stored under it, a file that changed since is noticed by whoever reads it,
whatever keeps it. Whoever wraps one `Blobs` in another (to seal what it is given, say) leaves naming to the innermost:
the sum is that of the bytes that are kept.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from app.errors import FileDamaged

if TYPE_CHECKING:
    from _typeshed import SupportsRead, SupportsWrite

PIECE = 1 << 18
GRACE = 3_600.0
"""Seconds for which a file that no job names is left alone: its job may be about to be written."""
_NAME = re.compile(r"([0-9a-f]{32})(?:-([0-9a-f]{64}))?")


class Blob(Protocol):
    """A file that is open for reading, to its end even if it is removed meanwhile."""

    @property
    def size(self) -> int:
        """Of what `read` gives in all."""
        ...

    def read(self, size: int = -1, /) -> bytes:
        """Raises FileDamaged instead of giving the last of what is not what was stored; StorageError."""
        ...


class Blobs(Protocol):
    """All of it blocks. All of it raises StorageError where the store cannot be used."""

    def keep(self, tenant: str, stream: "SupportsRead[bytes]") -> str:
        """Copies what is left of `stream`. What it returns is the name of a file that is whole, survives a power cut,
        and is there for every replica; until then there is nothing.
        """
        ...

    def put(self, tenant: str, name: str, stream: "SupportsRead[bytes]") -> None:
        """The same under the name that it had elsewhere, byte for byte as it was kept there.

        Raises FileDamaged, and nothing is there then, for what does not belong to that name.
        """
        ...

    def open(self, tenant: str, name: str) -> AbstractContextManager[Blob]:
        """Raises FileMissing."""
        ...

    def piece(
        self, tenant: str, name: str, *, start: int, length: int
    ) -> "AbstractContextManager[SupportsRead[bytes]]":
        """So many bytes of what is kept, not held against its name: for who proves them in another way.

        Raises FileMissing.
        """
        ...

    def remove(self, tenant: str, *names: str | None) -> None:
        """Those that are there; None is none."""
        ...

    def sweep(self, known: Collection[str]) -> int:
        """Removes what is not `known` and GRACE seconds old: a process was killed between file and row. How many."""
        ...

    def empty(self) -> bool: ...

    def ping(self) -> None:
        """Raises StorageError unless the store answers."""
        ...


def new_name(digest: str) -> str:
    return f"{secrets.token_hex(16)}-{digest}"


def renamed(name: str, digest: str) -> str:
    """For other bytes of the same file. Raises ValueError for what names nothing."""
    return f"{random_part(name)}-{digest}"


def random_part(name: str) -> str:
    """Raises ValueError for what names nothing."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError("not the name of a blob")
    return found[1]


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def digest_of(name: str) -> str | None:
    """None for one of the first releases, which kept none. Raises ValueError for what names nothing."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError("not the name of a blob")
    return found[2]


def copied(stream: "SupportsRead[bytes]", out: "SupportsWrite[bytes]") -> str:
    """The SHA-256 of what is left of `stream` and now in `out`."""
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
        out.write(piece)
    return digest.hexdigest()


def whole(blob: Blob) -> Iterator[bytes]:
    while piece := blob.read(PIECE):
        yield piece


def sha256(blob: Blob) -> str:
    digest = hashlib.sha256()
    for piece in whole(blob):
        digest.update(piece)
    return digest.hexdigest()


class Window:
    """A `Blob` of `size` bytes of another stream, from `skip` on; no more of it is read."""

    def __init__(self, stream: "SupportsRead[bytes]", *, skip: int, size: int) -> None:
        self.size = size
        self._stream = stream
        self._skip = skip
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        while self._skip and (passed := self._stream.read(min(self._skip, PIECE))):
            self._skip -= len(passed)
        given = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(given)
        return given


class Checked:
    """A `Blob` over any stream. It reads one piece ahead, so that who reads never has all of a damaged file."""

    def __init__(self, stream: "SupportsRead[bytes]", *, name: str, size: int) -> None:
        self._stream = stream
        self._name = name
        self._size = size
        self._read = 0
        self._digest = hashlib.sha256()
        self._next = self._ahead()
        self._rest = memoryview(b"")

    @property
    def size(self) -> int:
        return self._size

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(whole(self))
        if not self._rest:
            self._rest, self._next = memoryview(self._next), self._ahead()
        given, self._rest = self._rest[:size], self._rest[size:]
        return bytes(given)

    def _ahead(self) -> bytes:
        piece = self._stream.read(PIECE)
        self._digest.update(piece)
        self._read += len(piece)
        if not piece:
            self._check()
        return piece

    def _check(self) -> None:
        expected = digest_of(self._name)
        if self._read != self._size or expected not in {None, self._digest.hexdigest()}:
            raise FileDamaged(f"The file {self._name} is not what was stored. Restore it from a backup.")

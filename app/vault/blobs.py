"""Files of jobs encrypted on their way into whichever store they are kept in, and opened on their way out.

The innermost store names a file by the sum of what it keeps, so a ciphertext under another's name is noticed there;
under its own name, as the file of another job or tenant, it does not open here.
"""

import io
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import UnsupportedDocument
from app.storage.blobs import Blob, Blobs, Window
from app.storage.engine import Database
from app.vault.keyring import DataKey, Keyring
from app.vault.place import Place
from app.vault.streams import (
    FRAME,
    HEADER,
    MAGIC,
    Opened,
    Sealing,
    exactly,
    is_sealed,
    mark_of,
    place_of,
    plain_size,
)
from app.vault.vault import Vault

if TYPE_CHECKING:
    from _typeshed import SupportsRead


Wanted = Callable[[int], tuple[int, int]]
"""Of a file's size: at which byte to begin, and how many are wanted; at least one, and no more than there are."""


@dataclass(frozen=True, slots=True)
class Part:
    blob: Blob
    start: int
    whole: int
    """Bytes of the whole file."""


class SealedBlobs:
    """Around an `app.storage.blobs.Blobs`; each file is some job's. What was kept before there was a key comes as it
    is.
    """

    def __init__(self, kept: Blobs, vault: Vault, database: Database) -> None:
        self._kept = kept
        self._vault = vault
        self._database = database

    def keep(self, place: Place, stream: "SupportsRead[bytes]") -> str:
        """As `Blobs.keep`. Raises UnsupportedDocument, without a key, for what would be taken for a ciphertext."""
        keyring = self._vault.keyring
        if keyring is not None:
            key = self._database.attempt(lambda connection: keyring.current(connection, place.tenant))
            return self._kept.keep(place.tenant, Sealing(stream, key, place))
        head = exactly(stream, len(MAGIC))
        if is_sealed(head):
            raise UnsupportedDocument("The document is in no format that is known here.")
        return self._kept.keep(place.tenant, _Joined(head, stream))

    @contextmanager
    def open(self, place: Place, name: str) -> Iterator[Blob]:
        """Raises FileMissing, Unreadable and ConfigurationError."""
        with self._kept.open(place.tenant, name) as blob:
            head = exactly(blob, HEADER)
            if is_sealed(head):
                yield Opened(blob, self._key(place, head), head, place=place, size=blob.size)
            else:
                yield _Joined(head, blob, size=blob.size)

    @contextmanager
    def part(self, place: Place, name: str, wanted: Wanted) -> Iterator[Part]:
        """Some of its bytes. An encrypted file is read, and proved, where they are alone; of another all before them is
        read as well, and what comes behind them is not proved. Raises what `open` and `wanted` do.
        """
        with self._kept.open(place.tenant, name) as blob:
            head, size = exactly(blob, HEADER), blob.size
            if not is_sealed(head):
                start, length = wanted(size)
                yield Part(Window(_Joined(head, blob), skip=start, size=length), start, size)
                return
        start, length = wanted(plain_size(size))
        first, behind = start // FRAME, -(-(start + length) // FRAME)
        begins, ends = place_of(first, size), place_of(behind, size)
        with self._kept.piece(place.tenant, name, start=begins, length=ends - begins) as frames:
            opened = Opened(frames, self._key(place, head), head, place=place, size=size, frame=first)
            yield Part(Window(opened, skip=start - first * FRAME, size=length), start, plain_size(size))

    def remove(self, tenant: str, *names: str | None) -> None:
        self._kept.remove(tenant, *names)

    def sweep(self, known: Collection[str]) -> int:
        return self._kept.sweep(known)

    def _key(self, place: Place, head: bytes) -> DataKey:
        with self._database.read() as connection:
            return self._vault.marked(connection, place.tenant, mark_of(head))


def under(kept: Blobs, tenant: str, *, name: str, keyring: Keyring, database: Database) -> DataKey | None:
    """The key that a kept file is under; None for one in the clear, or whose key is gone. Raises FileMissing."""
    with kept.open(tenant, name) as blob:
        head = exactly(blob, HEADER)
    if not is_sealed(head):
        return None
    with database.read() as connection:
        return keyring.known(connection, mark_of(head))


class _Joined:
    """What was read already, and the rest."""

    def __init__(self, head: bytes, rest: "SupportsRead[bytes]", *, size: int = 0) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest
        self.size = size

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return self._head.read() + self._rest.read(-1)
        return self._head.read(size) or self._rest.read(size)

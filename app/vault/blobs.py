"""Files of jobs encrypted on their way into whichever store they are kept in, and opened on their way out.

The innermost store names a file by the sum of what it keeps, so a ciphertext under another's name is noticed there; of
another tenant's it does not open here.
"""

import io
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from app.errors import UnsupportedDocument
from app.storage.blobs import Blob, Blobs
from app.storage.engine import Database
from app.vault.keyring import DataKey, Keyring
from app.vault.streams import HEADER, MAGIC, Opened, Sealing, exactly, mark_of
from app.vault.vault import Vault

if TYPE_CHECKING:
    from _typeshed import SupportsRead


class SealedBlobs:
    """`app.storage.blobs.Blobs` around another. What was kept before there was a key comes as it is."""

    def __init__(self, kept: Blobs, vault: Vault, database: Database) -> None:
        self._kept = kept
        self._vault = vault
        self._database = database

    def keep(self, tenant: str, stream: "SupportsRead[bytes]") -> str:
        """Raises UnsupportedDocument, without a key, for what would be taken for a ciphertext."""
        keyring = self._vault.keyring
        if keyring is not None:
            key = self._database.attempt(lambda connection: keyring.current(connection, tenant))
            return self._kept.keep(tenant, Sealing(stream, key))
        head = exactly(stream, len(MAGIC))
        if head == MAGIC:
            raise UnsupportedDocument("The document is in no format that is known here.")
        return self._kept.keep(tenant, _Joined(head, stream))

    def put(self, tenant: str, name: str, stream: "SupportsRead[bytes]") -> None:
        """As it was kept elsewhere: encrypted, if it was."""
        self._kept.put(tenant, name, stream)

    def open(self, tenant: str, name: str) -> AbstractContextManager[Blob]:
        """Raises FileMissing, Unreadable and ConfigurationError."""
        return self._opened(tenant, name)

    def remove(self, tenant: str, *names: str | None) -> None:
        self._kept.remove(tenant, *names)

    def sweep(self, known: Collection[str]) -> int:
        return self._kept.sweep(known)

    def empty(self) -> bool:
        return self._kept.empty()

    def ping(self) -> None:
        self._kept.ping()

    @contextmanager
    def _opened(self, tenant: str, name: str) -> Iterator[Blob]:
        with self._kept.open(tenant, name) as blob:
            head = exactly(blob, HEADER)
            if not head.startswith(MAGIC):
                yield _Joined(head, blob, size=blob.size)
                return
            with self._database.read() as connection:
                key = self._vault.marked(connection, tenant, mark_of(head))
            yield Opened(blob, key, head, size=blob.size)


def under(kept: Blobs, tenant: str, *, name: str, keyring: Keyring, database: Database) -> DataKey | None:
    """The key that a kept file is under; None for one in the clear, or whose key is gone. Raises FileMissing."""
    with kept.open(tenant, name) as blob:
        head = exactly(blob, HEADER)
    if not head.startswith(MAGIC):
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

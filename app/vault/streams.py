"""Files: encrypted and opened piece by piece, so that memory stays flat and a file cut short is noticed.

    MAGIC (9 bytes), id of the data key (8), its version (4), salt (16), then frames of 64 KiB, each with its tag

A file has a key of its own, HKDF-SHA-256 of the tenant's with the salt; the nonce counts the frames and says which is
the last. So no frame opens that was changed, moved, left out, put in, or is of another file or tenant.
"""

import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import Unreadable
from app.vault.keyring import MARK, DataKey
from app.vault.masters import KEY
from app.vault.place import Place

if TYPE_CHECKING:
    from _typeshed import SupportsRead

MAGIC = b"\x00DGBLOB\x01\x01"
FRAME = 1 << 16
"""Bytes of plain text; those of the last may be fewer, or none."""
_SALT = 16
_TAG = 16
_COUNTER = 11
HEADER = len(MAGIC) + MARK + _SALT


class Sealing:
    """The ciphertext of what is left of `stream`, to be read."""

    def __init__(self, stream: "SupportsRead[bytes]", key: DataKey) -> None:
        header = MAGIC + key.mark + os.urandom(_SALT)
        self._stream = stream
        self._frames = _Frames(key, header)
        self._next = exactly(stream, FRAME)
        self._ended = False
        self._ready = bytearray(header)

    def read(self, size: int = -1, /) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._ready += self._frame()
        given = bytes(self._ready if size < 0 else self._ready[:size])
        del self._ready[: len(given)]
        return given

    def _frame(self) -> bytes:
        plain, self._next = self._next, exactly(self._stream, FRAME)
        self._ended = not self._next
        return self._frames.seal(plain, last=self._ended)


class Opened:
    """The plain text of a ciphertext of `size` bytes, to be read; its header was read already."""

    def __init__(self, stream: "SupportsRead[bytes]", key: DataKey, header: bytes, *, size: int) -> None:
        """Raises Unreadable for what is too short."""
        body = size - HEADER
        frames = -(-body // (FRAME + _TAG))
        if body < _TAG:
            raise _changed()
        self.size = body - frames * _TAG
        self._stream = stream
        self._frames = _Frames(key, header)
        self._left = frames
        self._ready = bytearray()

    def read(self, size: int = -1, /) -> bytes:
        """Raises Unreadable instead of giving what was changed; what came before it was as it had been."""
        while self._left and (size < 0 or len(self._ready) < size):
            self._left -= 1
            sealed = exactly(self._stream, FRAME + _TAG)
            self._ready += self._frames.open(sealed, last=not self._left)
        given = bytes(self._ready if size < 0 else self._ready[:size])
        del self._ready[: len(given)]
        return given


def mark_of(header: bytes) -> bytes:
    return header[len(MAGIC) : len(MAGIC) + MARK]


def exactly(stream: "SupportsRead[bytes]", count: int) -> bytes:
    """Fewer only at the end: who gives a stream may give it in pieces."""
    found = bytearray()
    while len(found) < count and (piece := stream.read(count - len(found))):
        found += piece
    return bytes(found)


class _Frames:
    def __init__(self, key: DataKey, header: bytes) -> None:
        derived = HKDF(SHA256(), KEY, header[-_SALT:], b"dragoman vault file").derive(key.secret)
        self._cipher = AESGCM(derived)
        self._bound = Place(key.tenant, "blob", "").bound(header)
        self._number = 0

    def seal(self, plain: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), plain, self._bound)

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last=last), sealed, self._bound)
        except (InvalidTag, ValueError):
            raise _changed() from None

    def _nonce(self, *, last: bool) -> bytes:
        number = self._number.to_bytes(_COUNTER, "big")
        self._number += 1
        return number + bytes([last])


def _changed() -> Unreadable:
    return Unreadable("A stored file does not open: it was changed, cut short, or is another tenant's.")

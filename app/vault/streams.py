"""Files: encrypted and opened piece by piece, so that memory stays flat and a file cut short is noticed.

    MAGIC (9 bytes), id of the data key (8), its version (4), salt (16), then frames of 64 KiB, each with its tag

A file has a key of its own, HKDF-SHA-256 of the tenant's with the salt; the nonce counts the frames and says which is
the last, and bound to each is whose file it is: the tenant's, the job's, and whether it came or leaves. So no frame
opens that was changed, moved, left out, put in, or is of another file, job or tenant; and each opens by itself.
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

MAGIC = b"\x00DGBLOB\x01\x02"
UNBOUND = b"\x00DGBLOB\x01\x01"
"""Of files kept before they were bound to a job; bound to their tenant they are."""
FRAME = 1 << 16
"""Bytes of plain text; those of the last may be fewer, or none."""
_SALT = 16
_TAG = 16
_COUNTER = 11
HEADER = len(MAGIC) + MARK + _SALT


class Sealing:
    """The ciphertext of what is left of `stream`, to be read."""

    def __init__(self, stream: "SupportsRead[bytes]", key: DataKey, place: Place) -> None:
        header = MAGIC + key.mark + os.urandom(_SALT)
        self._stream = stream
        self._frames = _Frames(key, header, place)
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
    """The plain text of a ciphertext of `size` bytes from a frame on, to be read; `stream` stands there."""

    def __init__(
        self,
        stream: "SupportsRead[bytes]",
        key: DataKey,
        header: bytes,
        *,
        place: Place,
        size: int,
        frame: int = 0,
    ) -> None:
        """Raises Unreadable for what is too short."""
        self.size = plain_size(size) - frame * FRAME
        self._stream = stream
        self._frames = _Frames(key, header, place, number=frame)
        self._left = _frames(size) - frame
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


def plain_size(size: int) -> int:
    """Bytes of plain text in a ciphertext of `size` bytes. Raises Unreadable for what is too short."""
    body = size - HEADER
    if body < _TAG:
        raise _changed()
    return body - _frames(size) * _TAG


def place_of(frame: int, size: int) -> int:
    """Where a frame begins in a ciphertext of `size` bytes, or where that ends."""
    return min(size, HEADER + frame * (FRAME + _TAG))


def is_sealed(header: bytes) -> bool:
    return header.startswith((MAGIC, UNBOUND))


def mark_of(header: bytes) -> bytes:
    return header[len(MAGIC) : len(MAGIC) + MARK]


def exactly(stream: "SupportsRead[bytes]", count: int) -> bytes:
    """Fewer only at the end: who gives a stream may give it in pieces."""
    found = bytearray()
    while len(found) < count and (piece := stream.read(count - len(found))):
        found += piece
    return bytes(found)


class _Frames:
    def __init__(self, key: DataKey, header: bytes, place: Place, *, number: int = 0) -> None:
        derived = HKDF(SHA256(), KEY, header[-_SALT:], b"dragoman vault file").derive(key.secret)
        self._cipher = AESGCM(derived)
        whose = ("blob", "") if header.startswith(UNBOUND) else (place.kind, place.record)
        self._bound = Place(key.tenant, *whose).bound(header)
        self._number = number

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


def _frames(size: int) -> int:
    return -(-(size - HEADER) // (FRAME + _TAG))


def _changed() -> Unreadable:
    return Unreadable(
        "A stored file does not open: it was changed, cut short, or is another job's or tenant's."
    )

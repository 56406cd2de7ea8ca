"""A stream of bytes sealed with a key file: AES-256-GCM in frames, so that memory stays flat.

    MAGIC, salt (32 bytes), then frames: last (1 byte: 0 or 1), length (4 bytes, big-endian), ciphertext with its tag

The key is HKDF-SHA256 of the key file with the file's own salt, so a nonce, which counts the frames and says which is
the last, is never used twice. A frame that was changed, moved, left out or put in does not open; nor does a file cut
short.
"""

import io
import secrets
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import ConfigurationError, DamagedBackup

MAGIC = b"DRAGOMAN SEALED 1\n"
FRAME = 1 << 20
KEY_BYTES = 32

_SALT = 32
_TAG = 16
_COUNTER = 11


def key_of(file: Path) -> bytes:
    """The whole file, whatever its form. Raises ConfigurationError where it is too short to be a key."""
    content = file.read_bytes().strip()
    if len(content) < KEY_BYTES:
        raise ConfigurationError(
            f"{file} holds no key: it has fewer than {KEY_BYTES} bytes. "
            "Make one with `openssl rand -base64 32`, and keep it away from the backups."
        )
    return content


class Sealer(io.RawIOBase):
    """Writes to `file`, which stays open; without `finish` what was written does not open again."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        salt = secrets.token_bytes(_SALT)
        self._file = file
        self._frames = _Frames(key, salt)
        self._waiting = bytearray()
        file.write(MAGIC + salt)

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > FRAME:
            self._put(bytes(self._waiting[:FRAME]), last=False)
            del self._waiting[:FRAME]
        return len(data)

    def finish(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, plain: bytes, *, last: bool) -> None:
        sealed = self._frames.seal(plain, last=last)
        self._file.write(bytes([last]) + len(sealed).to_bytes(4, "big") + sealed)


class Opener(io.RawIOBase):
    """Reads what Sealer wrote, from behind MAGIC. Raises DamagedBackup; the end is told only where it is the end."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        self._frames = _Frames(key, _exactly(file, _SALT))
        self._plain = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]
        while not self._plain and not self._ended:
            self._plain = memoryview(self._next())
        taken = self._plain[: len(buffer)]
        buffer[: len(taken)] = taken
        self._plain = self._plain[len(taken) :]
        return len(taken)

    def _next(self) -> bytes:
        head = _exactly(self._file, 5)
        last, length = head[0] == 1, int.from_bytes(head[1:], "big")
        if not _TAG <= length <= FRAME + _TAG:
            raise DamagedBackup("The backup is damaged: a frame has no possible length.")
        plain = self._frames.open(_exactly(self._file, length), last=last)
        self._ended = last
        if last and self._file.read(1):
            raise DamagedBackup("The backup is damaged: something follows its end.")
        return plain


class _Frames:
    def __init__(self, key: bytes, salt: bytes) -> None:
        derived = HKDF(SHA256(), KEY_BYTES, salt, b"dragoman backup").derive(key)
        self._cipher = AESGCM(derived)
        self._number = 0

    def seal(self, plain: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last=last), plain, MAGIC)

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(last=last), sealed, MAGIC)
        except InvalidTag:
            raise DamagedBackup("The backup does not open: it is damaged, or the key is another.") from None

    def _nonce(self, *, last: bool) -> bytes:
        number = self._number.to_bytes(_COUNTER, "big")
        self._number += 1
        return number + bytes([last])


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise DamagedBackup("The backup is damaged: it was cut short.")
    return data

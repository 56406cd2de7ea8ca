"""Ed25519 over canonical JSON: keys sorted, no spaces, UTF-8, no floating-point numbers (so the same as RFC 8785's)."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.errors import ConfigurationError, StorageError

FILE = "statement.key"
ALGORITHM = "Ed25519"
_SEED = 32
"""Bytes."""


class Signer:
    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def open(cls, folder: Path, configured: str) -> "Signer":
        """`configured`: 32 bytes in base64; else the key in `folder`, which is made if there is none.

        Raises ConfigurationError and StorageError.
        """
        written = configured or _kept(folder / FILE)
        try:
            return cls(base64.b64decode(written, validate=True))
        except (binascii.Error, ValueError) as error:
            place = "DRAGOMAN_SIGNING_KEY" if configured else str(folder / FILE)
            raise ConfigurationError(f"{place} is not a key: it has to be 32 bytes in base64.") from error

    @classmethod
    def there(cls, folder: Path, configured: str) -> "Signer | None":
        """As `open`, but none is made."""
        return cls.open(folder, configured) if configured or (folder / FILE).exists() else None

    @property
    def public_key(self) -> str:
        """In base64."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def signed(self, statement: Mapping[str, Any]) -> dict[str, Any]:
        signature = base64.b64encode(self._key.sign(canonical(statement))).decode()
        mark = {"algorithm": ALGORITHM, "public_key": self.public_key, "value": signature}
        return {"statement": statement, "signature": mark}


def canonical(value: object) -> bytes:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def verified(document: Mapping[str, Any]) -> str | None:
    """The public key that signed it; None where the signature is not of this very statement."""
    try:
        mark = document["signature"]
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(mark["public_key"], validate=True))
        key.verify(base64.b64decode(mark["value"], validate=True), canonical(document["statement"]))
        return str(mark["public_key"]) if mark["algorithm"] == ALGORITHM else None
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return None


def _kept(file: Path) -> str:
    """Whoever comes first makes it; nobody else on the machine may read it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _write_once(file, base64.b64encode(os.urandom(_SEED)))
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"The key for statements cannot be read or written: {file}.") from error


def _write_once(file: Path, data: bytes) -> None:
    """Appears whole or not at all. Raises FileExistsError."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)

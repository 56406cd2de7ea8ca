"""Master keys: what wraps the tenants' data keys. Given by a file, the environment, or a key service's own program."""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import ConfigurationError
from app.settings import Settings
from app.vault.kms import KeyService

KEY = 32
"""Bytes."""
_NONCE = 12
_PURPOSE = b"dragoman master key"
_ADVICE = "Make one with `openssl rand -base64 32`."


class Master(Protocol):
    @property
    def id(self) -> str:
        """Kept with what it wrapped; says nothing of the key."""
        ...

    def wrap(self, key: bytes, *, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Raises ConfigurationError for another key or another context."""
        ...


@dataclass(frozen=True, slots=True)
class MasterKey:
    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return f"key:{hashlib.sha256(_PURPOSE + self.key).hexdigest()[:16]}"

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        try:
            return AESGCM(self.key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], context)
        except (InvalidTag, ValueError):
            raise ConfigurationError(
                "A data key does not open with the master key that wrapped it: its row was changed."
            ) from None


@dataclass(frozen=True, slots=True)
class Masters:
    known: Sequence[Master]
    """The first wraps what is new; the others only open."""

    @property
    def current(self) -> Master:
        return self.known[0]

    def named(self, master: str) -> Master:
        """Raises ConfigurationError."""
        found = next((each for each in self.known if each.id == master), None)
        if found is None:
            raise ConfigurationError(
                f"Texts are encrypted under the master key {master}, which is not configured "
                f"({', '.join(each.id for each in self.known) or 'there is none'}). Give it back: "
                "DRAGOMAN_MASTER_KEY_FILE, DRAGOMAN_MASTER_KEY or DRAGOMAN_KMS_COMMAND."
            )
        return found


def masters_of(settings: Settings) -> Masters:
    """The key service's first, then the environment's, then the file's in their order. Raises ConfigurationError."""
    found: list[Master] = []
    if settings.kms_command:
        found.append(KeyService.of(settings.kms_command))
    found += _keys(settings.master_key.get_secret_value(), "DRAGOMAN_MASTER_KEY")
    if settings.master_key_file:
        found += _of_file(Path(settings.master_key_file))
    return Masters(tuple({each.id: each for each in found}.values()))


def _of_file(file: Path) -> list[MasterKey]:
    try:
        written = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The master key file {file} cannot be read.") from error
    keys = _keys(written, str(file))
    if not keys:
        raise ConfigurationError(f"The master key file {file} is empty. {_ADVICE}")
    return keys


def _keys(written: str, place: str) -> list[MasterKey]:
    """One a line, or between spaces: environments have no lines."""
    return [MasterKey(_key(each, place)) for each in written.split()]


def _key(written: str, place: str) -> bytes:
    try:
        key = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY:
        raise ConfigurationError(f"{place} holds what is no master key: {KEY} bytes in base64. {_ADVICE}")
    return key

"""Answers at rest: compressed, and readable only with the request they answer.

AES-256-GCM under a key that HKDF-SHA-256 derives from the request's own secret (its body, its Idempotency-Key and the
credential it came with: app/replay/ask.py) and a salt of the row's. None of the three is in the database, so the
database alone, or a backup of it, does not give the text away.
"""

import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.replay.answer import Answer

_SALT = 16
_NONCE = 12
_KEY = 32
_PURPOSE = b"dragoman replay 1"
_FAST = 1
"""zlib's level: half the size of a short answer in 15 microseconds."""


def seal(answer: Answer, *, secret: bytes, entry: str) -> bytes:
    """`entry`: id of the ledger entry it belongs to; it opens as no other's."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    packed = zlib.compress(answer.packed(), _FAST)
    return salt + nonce + AESGCM(_key(secret, salt)).encrypt(nonce, packed, entry.encode())


def unseal(sealed: bytes, *, secret: bytes, entry: str) -> Answer | None:
    """None for another secret (the caller's credential has changed since) and for what was tampered with."""
    salt, nonce, hidden = sealed[:_SALT], sealed[_SALT : _SALT + _NONCE], sealed[_SALT + _NONCE :]
    try:
        packed = AESGCM(_key(secret, salt)).decrypt(nonce, hidden, entry.encode())
    except InvalidTag:
        return None
    return Answer.unpacked(zlib.decompress(packed))


def _key(secret: bytes, salt: bytes) -> bytes:
    return HKDF(SHA256(), _KEY, salt, _PURPOSE).derive(secret)

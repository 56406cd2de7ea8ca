"""Texts of rows: encrypted where they are written, opened where they are read. Blocking.

    MAGIC (9 bytes), id of the data key (8), its version (4, big-endian), nonce (12), AES-256-GCM with its tag (16)

In a column of text the same in base64, behind a character that cannot begin what people send here unmarked.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from app.errors import ConfigurationError, Unreadable
from app.vault.keyring import MARK, DataKey, Keyring
from app.vault.place import Place

MAGIC = b"\x00DGVAULT\x01"
HEADER = len(MAGIC) + MARK
"""Bytes; a multiple of three, so that in base64 too it is the same for all that one key encrypted."""
SEALED, PLAIN = "\x01dgv1:", "\x01dgv0:"
"""What a sealed text begins with, and a plain one that would be taken for such."""
_NONCE = 12


class Vault:
    """Without a keyring it writes what it is given as it is, and reads nothing that was encrypted."""

    def __init__(self, keyring: Keyring | None = None) -> None:
        self.keyring = keyring

    def seal(self, connection: Connection, place: Place, plain: bytes) -> bytes:
        """Within the write transaction that keeps it."""
        if self.keyring is None:
            return plain
        return encrypted(self.keyring.current(connection, place.tenant), place, plain)

    def open(self, connection: Connection, place: Place, stored: bytes) -> bytes:
        """What was kept before there was a key comes as it is. Raises Unreadable, ConfigurationError."""
        if not stored.startswith(MAGIC):
            return stored
        key = self.marked(connection, place.tenant, stored[len(MAGIC) : HEADER])
        return decrypted(key, place, stored)

    def seal_text(self, connection: Connection, place: Place, plain: str) -> str:
        if self.keyring is None:
            return PLAIN + plain if plain.startswith((SEALED, PLAIN)) else plain
        sealed = self.seal(connection, place, plain.encode("utf-8", "surrogatepass"))
        return SEALED + base64.b64encode(sealed).decode()

    def open_text(self, connection: Connection, place: Place, stored: str) -> str:
        if stored.startswith(PLAIN):
            return stored.removeprefix(PLAIN)
        if not stored.startswith(SEALED):
            return stored
        try:
            sealed = base64.b64decode(stored.removeprefix(SEALED), validate=True)
        except ValueError:
            raise _changed() from None
        if not sealed.startswith(MAGIC):
            raise _changed()
        return self.open(connection, place, sealed).decode("utf-8", "surrogatepass")

    def digest(self, connection: Connection, tenant: str, text: str) -> str | None:
        """Finds an equal text again and tells nobody else what it is; None without a key."""
        if self.keyring is None:
            return None
        key = self.keyring.current(connection, tenant)
        return hmac.new(key.index, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def marked(self, connection: Connection, tenant: str, mark: bytes) -> DataKey:
        """The tenant's key that a ciphertext names. Raises Unreadable, ConfigurationError."""
        if self.keyring is None:
            raise ConfigurationError(
                "Stored texts are encrypted, and no master key is configured: set DRAGOMAN_MASTER_KEY_FILE, "
                "DRAGOMAN_MASTER_KEY or DRAGOMAN_KMS_COMMAND."
            )
        return self.keyring.marked(connection, tenant, mark)


def marks(key: DataKey) -> tuple[bytes, str]:
    """What all begins with that was encrypted under `key`: in a column of bytes, and of text."""
    header = MAGIC + key.mark
    return header, SEALED + base64.b64encode(header).decode()


def encrypted(key: DataKey, place: Place, plain: bytes) -> bytes:
    header, nonce = MAGIC + key.mark, os.urandom(_NONCE)
    return header + nonce + AESGCM(key.secret).encrypt(nonce, plain, place.bound(header))


def decrypted(key: DataKey, place: Place, stored: bytes) -> bytes:
    header, nonce = stored[:HEADER], stored[HEADER : HEADER + _NONCE]
    try:
        return AESGCM(key.secret).decrypt(nonce, stored[HEADER + _NONCE :], place.bound(header))
    except (InvalidTag, ValueError):
        raise _changed() from None


def _changed() -> Unreadable:
    return Unreadable("A stored text does not open: it was changed, cut short, or belongs elsewhere.")

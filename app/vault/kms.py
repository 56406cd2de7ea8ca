"""A key service (KMS, HSM) reached by a program of the operator's: it wraps and unwraps, the master key stays there.

The program is run as `COMMAND wrap` or `COMMAND unwrap`. It reads one JSON object from standard input,
`{"key": base64, "context": base64}`, and writes one to standard output, `{"key": base64}`, and exits 0. `context` may
be given to the service as additional authenticated data; whether it is or not, it is checked here.
"""

import base64
import binascii
import hashlib
import hmac
import shlex
import subprocess
from dataclasses import dataclass

import orjson

from app.errors import ConfigurationError, StorageError

PATIENCE = 10.0
"""Seconds that the program has."""
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class KeyService:
    command: tuple[str, ...]
    id: str = "kms"

    @classmethod
    def of(cls, command: str) -> "KeyService":
        """Raises ConfigurationError."""
        try:
            words = tuple(shlex.split(command))
        except ValueError as error:
            raise ConfigurationError(f"DRAGOMAN_KMS_COMMAND cannot be read: {error}.") from error
        return cls(words)

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        return self._ask("wrap", key + hashlib.sha256(context).digest(), context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        found = self._ask("unwrap", wrapped, context)
        key, digest = found[:-_DIGEST], found[-_DIGEST:]
        if not hmac.compare_digest(digest, hashlib.sha256(context).digest()):
            raise ConfigurationError(
                "A data key is not the one that the key service wrapped: its row was changed."
            )
        return key

    def _ask(self, what: str, key: bytes, context: bytes) -> bytes:
        """Raises StorageError: the service may be back in a minute."""
        sent = orjson.dumps({"key": _text(key), "context": _text(context)})
        try:
            done = subprocess.run(  # noqa: S603  the operator's own command
                [*self.command, what], input=sent, capture_output=True, timeout=PATIENCE, check=True
            )
            return base64.b64decode(orjson.loads(done.stdout)["key"], validate=True)
        except (OSError, subprocess.SubprocessError) as error:
            # What it printed may be a key.
            raise StorageError(f"The key service's program ({self.command[0]} {what}) failed.") from error
        except (binascii.Error, KeyError, TypeError, ValueError):
            raise StorageError(
                f"The key service's program ({self.command[0]} {what}) did not answer as docs/privacy.md says."
            ) from None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()

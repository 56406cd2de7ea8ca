"""Which requests are the same one, sent again."""

import hashlib
from dataclasses import dataclass, field

_IMPLICIT = "auto:"
_EXPLICIT = "key:"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that costs something, as its repeats are known by."""

    tenant: str
    key: str | None
    """Its Idempotency-Key; None: it is known by what it says and who says it."""
    name: str
    """The same for every repeat, within the tenant."""
    digest: str
    """SHA-256, in hex, of address, key and body: tells a repeat from a key used for something else."""
    said: bytes = field(repr=False)
    """SHA-256 of address, credential and body; it is kept nowhere."""

    @property
    def place(self) -> tuple[str, str]:
        return self.tenant, self.name

    def secret(self) -> bytes:
        """32 bytes that only somebody with the body, and the credential it was sent with, can work out.

        Not to be had from name and digest, which the ledger keeps.
        """
        return _hash(b"secret", self.said, (self.key or "").encode())


def ask(
    *,
    tenant: str,
    address: str,
    body: bytes,
    key: str | None = None,
    credential: str | None = None,
    apart: str | None = None,
) -> Ask:
    """`credential`: what the caller proved with who they are, if anything. Without a key two credentials of a tenant
    share no answer, nor do requests that differ in `apart`.
    """
    text = hashlib.sha256(body).digest()
    said = _hash(address.encode(), (credential or "").encode(), text)
    name = (
        _EXPLICIT + key if key is not None else _IMPLICIT + _hash(b"name", said, (apart or "").encode()).hex()
    )
    digest = _hash(b"digest", address.encode(), (key or "").encode(), text).hex()
    return Ask(tenant, key, name, digest, said)


def _hash(*parts: bytes) -> bytes:
    """No two sequences of parts run together to the same bytes."""
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).digest()

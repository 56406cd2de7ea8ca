"""API keys: 256 random bits, shown once, kept as their SHA-256.

A plain hash will do: there is nothing to guess in 256 random bits, so no slow one is needed.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from app.tenants.tenant import OWN_WORK, Rates, Scope

MARK = "dgm_"
"""Begins every key, so that scanners for leaked secrets and people know one when they see it."""

PREFIX = len(MARK) + 6
"""Characters of a key that stay visible, to tell one from another: 36 of its 256 bits."""

LONGEST = 200
"""Characters; what is longer is no key and is not hashed."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: str
    tenant: str
    name: str
    prefix: str
    created_at: datetime
    scopes: frozenset[Scope] = OWN_WORK
    rates: Rates = field(default_factory=Rates)
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """To about a minute."""

    def state(self, now: datetime) -> str:
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


def new_secret() -> str:
    return MARK + secrets.token_urlsafe(32)


def new_id() -> str:
    return f"key_{secrets.token_hex(6)}"


def digest(secret: str) -> str:
    """In hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()

"""Whose work it is, what a key of theirs may do, and how much."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.errors import InvalidRequest

LOCAL = "local"
"""The tenant of callers without a key, where the service is open, and of the embedded engine. Always there."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Scope(StrEnum):
    TRANSLATE = "translate"
    """Translate and detect texts that somebody waits for."""
    DOCUMENTS = "documents"
    """Translate documents."""
    BULK = "bulk"
    """Translate texts that nobody waits for: `X-Priority: bulk`, jobs."""
    GLOSSARIES = "glossaries"
    """Change the tenant's glossaries; whoever translates may use them."""
    REVIEW = "review"
    """Decide on segments in doubt, and change the memory that corrections make."""
    USAGE = "usage"
    """Read the tenant's own usage."""
    ADMIN = "admin"
    """Read every tenant's usage, and the service's metrics."""


OWN_WORK = frozenset(Scope) - {Scope.ADMIN}
"""What a key may do unless told otherwise: everything that concerns its own tenant alone."""


class Recall(StrEnum):
    """What becomes of a tenant's translation memory."""

    OFF = "off"
    """Nothing: corrections stay with their documents, and what is in it is not shown."""
    SHOW = "show"
    """Corrections go into it, and who reviews is shown what is like a segment; no translation is made of it."""
    EXACT = "exact"
    """And it answers for a segment that is the very text of an entry."""


class Status(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Its keys are refused; nothing is forgotten."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Most in a minute; None is no limit."""

    requests: int | None = None
    characters: int | None = None

    def __bool__(self) -> bool:
        return self.requests is not None or self.characters is not None


@dataclass(frozen=True, slots=True)
class Budget:
    """Most in a calendar month, UTC; None is no limit."""

    characters: int | None = None
    price_nanos: int | None = None
    """By the price list, in nano-units of the service's currency."""
    hard: bool = True
    """Refuse what would go over; otherwise say that it did."""

    def __bool__(self) -> bool:
        return self.characters is not None or self.price_nanos is not None


@dataclass(frozen=True, slots=True)
class Tenant:
    name: str
    created_at: datetime
    status: Status = Status.ACTIVE
    rates: Rates = field(default_factory=Rates)
    budget: Budget = field(default_factory=Budget)
    memory: Recall | None = None
    """None: as the service's setting says."""


def check_name(name: str, *, what: str) -> str:
    """Raises InvalidRequest. Names stand in reports, tables and file names: no spaces, no surprises."""
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"{name[:70]!a} is not a name for a {what}. Use up to 64 of a-z, A-Z, 0-9, '.', '_' and '-', "
            f"beginning with a letter or digit."
        )
    return name

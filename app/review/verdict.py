"""What a person may say of a segment, and how a segment is named. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.errors import InvalidRequest, NotThere

LONGEST = 20_000
"""Characters of a correction."""
_ID = re.compile(r"(job_[A-Za-z0-9]{1,80})\.(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    """Right as it stands."""
    CORRECTED = "corrected"
    """Somebody wrote what it should say."""
    ESCALATED = "escalated"
    """For somebody else to decide."""


class Reason(StrEnum):
    """Why it was wrong; a fixed list, so that no text gets among the figures."""

    MEANING = "meaning"
    NUMBER = "number"
    NAME = "name"
    TERM = "term"
    GRAMMAR = "grammar"
    STYLE = "style"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    text: str | None = None
    """Of a correction alone."""
    reason: Reason | None = None

    def __post_init__(self) -> None:
        """Raises InvalidRequest."""
        corrected = self.verdict is Verdict.CORRECTED
        if corrected and (not (self.text or "").strip() or self.reason is None):
            raise InvalidRequest("A correction has a `text` and a `reason`.")
        if not corrected and (self.text is not None or self.reason is not None):
            raise InvalidRequest("`text` and `reason` belong to a correction.")
        if self.text is not None and len(self.text) > LONGEST:
            raise InvalidRequest(f"A correction has at most {LONGEST:,} characters.")


@dataclass(frozen=True, slots=True)
class Place:
    """Of a segment: its number within the unit, the unit's within the chunk, the chunk's within the job."""

    job: str
    chunk: int
    unit: int
    segment: int

    def __str__(self) -> str:
        return f"{self.job}.{self.chunk}.{self.unit}.{self.segment}"

    @property
    def spot(self) -> tuple[int, int, int]:
        """Within the job."""
        return self.chunk, self.unit, self.segment

    @classmethod
    def of(cls, name: str) -> "Place":
        """Raises NotThere."""
        found = _ID.fullmatch(name)
        if found is None:
            raise NotThere("There is no such segment.")
        job, *numbers = found.groups()
        return cls(job, *map(int, numbers))

"""What a person may say of a segment, and how a segment is named. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from app.errors import InvalidRequest, NotThere

LONGEST = 20_000
"""Characters of a correction."""
_SPACES = frozenset("\n\t")
_OVERRIDES = frozenset("\u202d\u202e")
"""They show a text in another order than it has."""
_ENDS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
"""Of runs in another direction. One without its end turns what stands behind the correction."""
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
        if self.text is not None:
            _check(self.text)


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


def _check(text: str) -> None:
    """A correction goes into documents, TMX files and other people's translations as it is. Raises InvalidRequest."""
    if len(text) > LONGEST:
        raise InvalidRequest(f"A correction has at most {LONGEST:,} characters.")
    hidden = next((each for each in text if _unfit(each)), None)
    if hidden is not None:
        raise InvalidRequest(
            f"A correction holds no control characters but line feed and tab, and none that turn the direction of a "
            f"text over; this one holds U+{ord(hidden):04X}."
        )
    if not _ended(text):
        raise InvalidRequest(
            "A correction ends each run in another direction (U+202A and the like) that it begins."
        )


def _unfit(character: str) -> bool:
    """Controls, overrides, and what is no character: a lone surrogate, U+FFFE."""
    if character in _SPACES:
        return False
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character in _OVERRIDES
        or ord(character) & 0xFFFE == 0xFFFE
    )


def _ended(text: str) -> bool:
    awaited: list[str] = []
    for character in text:
        if character in _ENDS:
            awaited.append(_ENDS[character])
        elif character in _ENDS.values() and (not awaited or awaited.pop() != character):
            return False
    return not awaited

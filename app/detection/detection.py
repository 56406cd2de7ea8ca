"""The answer of detection: one value a text."""

from dataclasses import dataclass
from typing import Self

UNDETERMINED = "und"
MAX_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class Detection:
    language: str
    """BCP 47 base code, or `und`: below the threshold, or nothing to identify."""

    confidence: float
    """Calibrated probability of the best candidate, also when the answer is `und`; 0.0 without any evidence."""

    alternatives: tuple[tuple[str, float], ...]
    """Other candidates, best first; when the answer is `und` they start with the best guess."""

    linguistic: bool
    """False: no letters, or only identifiers, so there is nothing to translate."""

    @classmethod
    def nothing(cls, *, linguistic: bool) -> Self:
        return cls(UNDETERMINED, 0.0, (), linguistic)

    @classmethod
    def decide(cls, ranking: list[tuple[str, float]], *, threshold: float) -> Self:
        """`ranking`: candidates with their probabilities, best first."""
        if not ranking:
            return cls.nothing(linguistic=True)
        language, confidence = ranking[0]
        if confidence >= threshold:
            return cls(language, confidence, tuple(ranking[1 : 1 + MAX_ALTERNATIVES]), True)
        return cls(UNDETERMINED, confidence, tuple(ranking[:MAX_ALTERNATIVES]), True)

"""Entries of a memory that are like a text. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from app.review.memory import Entry

ALIKE = 70.0
"""Likeness (rapidfuzz's ratio, 0 to 100) from which an entry is shown."""
MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Match:
    entry: Entry
    score: float
    """0 to 100; 100 is the very text."""


def matches(text: str, entries: Sequence[Entry]) -> list[Match]:
    """Those most alike first."""
    found = process.extract(
        text,
        [each.source_text for each in entries],
        scorer=fuzz.ratio,
        limit=MOST_SHOWN,
        score_cutoff=ALIKE,
    )
    # Rounding must not make the very text of what only resembles it.
    return [
        Match(entries[place], score if score == 100 else min(round(score, 1), 99.9))
        for _, score, place in found
    ]

"""The words that some check looks for, sifted out of a text in one go: most texts hold few, and most checks none."""

from functools import cache

from app.fidelity import calendar, counting, negation
from app.marks import CURRENCY_WORDS


@cache
def keywords(language: str | None) -> frozenset[str]:
    """In small letters: numbers, months and days of the week, denials, currencies."""
    spoken = counting.tongue(language)
    numbers = spoken.telling if spoken else frozenset()
    return numbers | calendar.heads(language) | negation.denials(language) | CURRENCY_WORDS

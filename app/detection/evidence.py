"""From a raw text to the bounded, cleaned evidence that is identified."""

import re
import unicodedata
from dataclasses import dataclass

from app.detection.identifiers import strip_identifiers

HEAD = 2_000
MIDDLE = 1_000
"""Code points looked at: the identifiers gain nothing from more, and a megabyte must cost what a page does."""

_REPEATS = re.compile(r"([^\W\d_])\1{2,}")
_KEPT_FORMAT = "\u200c\u200d"  # joiners are spelling in Persian and in Indic scripts


class _Cleaning(dict[int, str | None]):
    """For str.translate: letters, marks and punctuation stay; digits, symbols, emoji and controls go."""

    LIMIT = 16_384

    def __missing__(self, code: int) -> str | None:
        kept = self._kept(chr(code))
        if len(self) < self.LIMIT:
            self[code] = kept
        return kept

    @staticmethod
    def _kept(char: str) -> str | None:
        category = unicodedata.category(char)
        if category == "Me" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
            return None  # keycaps and variation selectors belong to emoji
        if category[0] in "LMP" or char in _KEPT_FORMAT:
            return char
        return None if category == "Cf" else " "


_CLEANING = _Cleaning()


@dataclass(frozen=True, slots=True)
class Evidence:
    text: str
    """Cleaned: only letters, marks, punctuation and single spaces; never all in capitals."""

    letters: int

    @classmethod
    def of(cls, text: str) -> "Evidence | None":
        """None where nothing with letters remains."""
        cleaned = " ".join(strip_identifiers(_sample(text)).translate(_CLEANING).split())
        plain = _REPEATS.sub(r"\1\1", _lower_capitals(cleaned))
        letters = sum(map(str.isalpha, plain))
        return cls(plain, letters) if letters else None


def _sample(text: str) -> str:
    if len(text) <= HEAD + MIDDLE:
        return text
    middle = max(HEAD, (len(text) - MIDDLE) // 2)
    return text[:HEAD] + " " + text[middle : middle + MIDDLE]


def _lower_capitals(text: str) -> str:
    """Identifiers take capitals for another language: `HELLO MY FRIEND` was Marathi to one of them."""
    capitals = sum(map(str.isupper, text))
    small = sum(map(str.islower, text))
    return text.lower() if capitals > small else text

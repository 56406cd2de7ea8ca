"""Where a word stands, if it is a unit, a letter or a name there and no chat. Pure."""

import re

from app.chat.words import ARTICLES
from app.segmentation import Segment

_LETTERED = re.compile(
    r"\d+|(?:and|or|e|ou|by|por|letters?|letras?|vari[aá](?:bles?|ve(?:l|is))|\w,|[=<>+*/^|(])"
)
_GOES_ON = re.compile(r"(?:,| and| or| e| ou) \w(?!\w)|[ )]*[=<>+*/^|]")
_EQUATED = re.compile(r" ?[=<>+*/^|] ?\w")
_BEFORE = 12
"""Characters: no word that is looked for is longer."""


def is_unit_or_letter(text: str, place: Segment) -> bool:
    """Whether a word stands as a unit does ("2 tb"), or a letter as one of a list or of a formula."""
    before = text[max(0, place.start - _BEFORE) : place.start].rstrip().rpartition(" ")[2]
    if before[-1:].isdigit():
        return not (before in ("2", "4") and text[place.start : place.end] in ("u", "ur"))
    if place.end - place.start > 1:
        return False
    return _LETTERED.fullmatch(before) is not None or _GOES_ON.match(text, place.end) is not None


def is_named(text: str, place: Segment) -> bool:
    """Whether an article stands before it ("o vc do doente") or an equation goes on behind it."""
    return article_before(text, place.start) or _EQUATED.match(text, place.end) is not None


def article_before(text: str, start: int) -> bool:
    before = text[max(0, start - _BEFORE) : start].lower().rstrip().rpartition(" ")[2]
    return before in ARTICLES

# ruff: noqa: RUF001 - the full stops of many scripts
"""Sentences of the source that the translation may lack: fewer of them, and shorter by about as much.

Models that learnt from single sentences may drop one of several. Two that became one lose a mark, but no length.
"""

import re
from itertools import pairwise

from app.fidelity.glance import Glance
from app.fidelity.languages import LengthRange

_END = re.compile(r"[.!?…。！？।؟։۔።။។]+[\"'”’»)\]]*")
# Not \w, which ends a word at the vowel signs of Hindi.
_WORD = re.compile(r"[^\s\"'“‘«(\[¿¡–—/]*$")
_CLOSED = "\"'”’»)]"
_OPENING = "\"'“‘«([-–—¿¡ "
_WIDE = frozenset("。！？")
"""Marks that no space follows."""
_SHORTENED = frozenset((
    "al", "approx", "art", "av", "bros", "bzw", "ca", "capt", "cf", "cmdr", "co", "col", "corp", "dept",
    "dr", "dra", "drs", "est", "etc", "ex", "exma", "exmo", "fig", "ft", "gen", "gov", "hon", "inc", "jr",
    "lda", "lt", "ltd", "maj", "messrs", "mr", "mrs", "ms", "mt", "no", "nos", "nr", "pag", "pp", "pres",
    "prof", "profa", "rep", "rev", "sen", "sgt", "sr", "sra", "st", "sta", "sto", "str", "tel", "vol", "vs",
))  # fmt: skip
_MARKLESS = frozenset({"lo", "th"})
"""Languages that end no sentence with a mark."""
_ROOM = 20
"""Characters in which a word before a mark is looked for."""

_SHARE = 0.4
"""Of what the missing sentences would be at least: so much shorter it must be."""
_MOST, _LEAST = 0.75, 1.85
"""Deviations below the usual length: less than _MOST is never doubted, more than _LEAST always."""
_UNKNOWN = (0.7, 0.7)
"""Parts of the source's length, in place of both, where no usual length is known."""


def lost(source: Glance, translation: Glance, *, target: str | None, usual: LengthRange | None) -> bool:
    """Whether sentences seem to be missing. Linear; most translations are cleared by their length alone."""
    part, least, most = _length(source, translation, usual)
    if part >= most or target in _MARKLESS:
        return False
    here = _sizes(source.text)
    missing = len(here) - count(translation.text) if len(here) > 1 else 0
    if missing <= 0:
        return False
    share = sum(sorted(here)[:missing]) / sum(here)
    return part < max(least, min(most, 1 - _SHARE * share))


def count(text: str) -> int:
    """Sentences, as far as their marks are sure to end one; 1 for a text without any."""
    return len(_sizes(text))


def _length(source: Glance, translation: Glance, usual: LengthRange | None) -> tuple[float, float, float]:
    """Of the translation, as a part of the usual one; below which part it is doubted always, and from which never."""
    part = translation.size / (source.size or 1)
    if usual is None:
        return part, *_UNKNOWN
    return part / usual.middle, 1 - _LEAST * usual.deviation, 1 - _MOST * usual.deviation


def _sizes(text: str) -> list[int]:
    text = text.strip()
    ends = [0, *(found.end() for found in _END.finditer(text) if _sure(text, found)), len(text)]
    return [end - start for start, end in pairwise(ends)]


def _sure(text: str, mark: re.Match[str]) -> bool:
    """Whether another sentence begins after it: not after "Dr." or "3.", and not before a small letter."""
    rest = text[mark.end() : mark.end() + _ROOM].lstrip()
    if not rest or mark[0][0] in _WIDE:
        return bool(rest)
    begins = rest.lstrip(_OPENING)
    if not begins or begins[0].islower():
        return False
    before = _WORD.search(text[max(0, mark.start() - _ROOM) : mark.start()])
    word = before[0] if before else ""
    if not text[mark.end()].isspace() and not _glued(word, begins):
        return False
    return mark[0].rstrip(_CLOSED) != "." or not _shortened(word)


def _glued(word: str, begins: str) -> bool:
    """Models leave out the space: "com ele.Nós", "40.000.O porto"; "U.S.A" and "3.5" are none of these."""
    return len(word) > 1 and begins[0].isupper() and (begins[1:2].islower() or begins[1:2].isspace())


def _shortened(word: str) -> bool:
    if len(word) < 2 or (word.isdigit() and len(word) == 2):
        return True
    return word.lower() in _SHORTENED or ("." in word and not word[-1:].isdigit())

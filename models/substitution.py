# ruff: noqa: RUF001 - characters that look alike are what is replaced
"""Plain equivalents for signs that a model's vocabulary lacks.

A sign that no piece contains reaches the engine as unknown and does not merely vanish: the starter models write
euros or dollars for an unknown pound, and copy an English sentence whose apostrophe is curly.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

_SAME = {
    # One hyphen serves all: measured against a comma, a colon and "--", " - " changes the sentence least.
    "-": "‐‑‒–—―−⁃﹘•",
    "'": "‘’‚‛‹›′´ʹʼ＇",
    '"': "“”„‟″«»＂",
    "...": "…",
    "/": "⁄∕",
    "x": "×",
    ".": "·∙",
    "o": "º",
    "a": "ª",
}
_STAND_IN = {
    # Any sum of money makes the sentence come out right; app.restoration puts the sign itself back.
    "$": "£€¥₹₽₩₪₺₴₦₫₱₡₲₵₸₿",
    # A hyphen keeps an address in one token, with its domain as it was; a point or "at" loses more of them.
    "-": "@",
}
_FRACTIONS = {sign: unicodedata.normalize("NFKC", sign).replace("⁄", "/") for sign in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"}
EQUIVALENTS: Mapping[str, str] = MappingProxyType(
    {sign: plain for table in (_SAME, _STAND_IN) for plain, signs in table.items() for sign in signs}
    | _FRACTIONS
)
"""What is written for a sign that a model lacks."""

# "government—with" is a pause, "35—40" a range.
_PAUSE = re.compile(r"(?<=\S)—(?=\S)(?!(?<=\d—)\d)")
# SentencePiece's normalisation reads 2½ as 21 halves.
_MIXED = re.compile(f"(?<=\\d)(?=[{''.join(_FRACTIONS)}])")


class Substitution:
    """The part of EQUIVALENTS that one model needs."""

    def __init__(self, vocabulary: Collection[str], normalise: Callable[[str], str]) -> None:
        """`normalise` is what the tokenizer does to a text before it looks for pieces."""
        covered = set("".join(piece for piece in vocabulary if not _is_control(piece)))
        self._table = {
            ord(sign): plain
            for sign, plain in EQUIVALENTS.items()
            if covered and covered.issuperset(plain) and not covered.issuperset(normalise(sign))
        }
        self._needed = re.compile(f"[{re.escape(''.join(map(chr, self._table)))}]") if self._table else None

    def apply(self, text: str) -> str:
        if self._needed is None or not self._needed.search(text):
            return text
        if ord("—") in self._table:
            text = _PAUSE.sub(" — ", text)
        if ord("½") in self._table:
            text = _MIXED.sub(" ", text)
        return text.translate(self._table)


def _is_control(piece: str) -> bool:
    return piece.startswith(("<", ">>")) and piece.endswith((">", "<<"))

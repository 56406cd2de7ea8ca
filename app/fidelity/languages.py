"""What is known of each language: how long its texts run, and its commonest words.

Learned from FLORES-101 by benchmarks/fidelity_calibration.py: figures and single words, no sentences.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("languages.json")
UNSPACED = frozenset({"ja", "km", "lo", "my", "th", "zh"})
"""Written without spaces: their letters stand for words."""

# Not \w+, which ends a word at the vowel signs of Burmese or Hindi.
WORD = re.compile(r"[^\s!-/:-@\[-`{-~\u2010-\u205e\u3000-\u303f«»“”।॥،؛؟።፣]+")
_DEVIATIONS = 4.0
_LEAST_DEVIATION = 0.1
_GRACE = 20
"""Characters: a short text may differ in length by a word or two."""


@dataclass(frozen=True, slots=True)
class Language:
    length: float
    """Natural logarithm of its length in characters beside the English text."""
    deviation: float
    common: frozenset[str]
    unspaced: bool


@dataclass(frozen=True, slots=True)
class LengthRange:
    """Characters of a good translation, for a source of `n`: from n * least - grace to n * most + grace."""

    least: float
    most: float
    middle: float
    """Characters a translation has as a rule, for one of the source."""
    deviation: float
    """Of the natural logarithm of that."""

    def holds(self, source: int, translation: int) -> bool:
        return self.least * source - _GRACE <= translation <= self.most * source + _GRACE

    def bounds(self, source: int) -> tuple[int, int]:
        return max(0, math.ceil(self.least * source) - _GRACE), math.floor(self.most * source) + _GRACE


@cache
def known() -> Mapping[str, Language]:
    return {
        code: _language(code, facts["length"], facts["common"])
        for code, facts in json.loads(FILE.read_text(encoding="utf-8")).items()
    }


def _language(code: str, length: tuple[float, float], common: str) -> Language:
    return Language(length[0], length[1], frozenset(common.split()), code in UNSPACED)


@cache
def length_range(source: str, target: str) -> LengthRange | None:
    """None where one of the languages is not known."""
    if source not in known() or target not in known():
        return None
    here, there = known()[source], known()[target]
    deviation = max(_LEAST_DEVIATION, math.hypot(here.deviation, there.deviation))
    middle, spread = there.length - here.length, _DEVIATIONS * deviation
    return LengthRange(math.exp(middle - spread), math.exp(middle + spread), math.exp(middle), deviation)


def spans(text: str) -> list[tuple[int, int]]:
    """Where the words stand."""
    return [found.span() for found in WORD.finditer(text)]


def tokens(text: str, *, unspaced: bool) -> list[str]:
    """Words of letters; single letters where no spaces part the words."""
    if unspaced:
        return [each for each in text if each.isalpha()]
    return [word for word in WORD.findall(text.lower()) if not word.isdecimal()]


def share(found: Sequence[str], language: Language) -> float:
    """Of the tokens, those that are common in the language."""
    return sum(map(language.common.__contains__, found)) / len(found) if found else 0.0

"""Deterministic checks of a translation against its source: doubts to show, never a verdict.

No model. Lenient where a good translation may differ; what is flagged is worth a look.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import pairwise
from operator import eq
from types import MappingProxyType

from app.copying import akin, words_copied
from app.emoji import EMOJI, PICTORIAL
from app.marks import currencies_differ
from app.numerals import numbers_differ
from app.segmentation import Segment, join
from app.verbatim import codes, exact

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "currencies_differ": "A currency sign is missing, or one stands there that the source does not have.",
        "emoji_differ": "The emoji of the translation are not those of the source.",
        "empty_translation": "The translation is empty although the source is not.",
        "identifiers_differ": (
            "A link, e-mail address, handle, placeholder, plate, postcode or other code did not survive exactly."
        ),
        "length_unusual": "The translation is far longer or shorter than its source suggests.",
        "numbers_differ": "A number in the source has no equal in the translation, or the reverse.",
        "repetition": "The translation repeats itself where the source does not.",
        "source_copied": "The translation is the source itself.",
        "symbol_lost": "A sign of the source, such as @, # or a control character, is missing.",
        "words_copied": "Three words or more in a row stand there as in the source, untranslated.",
    }
)

# Not %, & and °, which have words of their own, nor currencies, which have a check of their own.
_SYMBOL = re.compile(r"[@#*+=<>\[\]{}|\\^~_§¶©®™±÷≈≠≤≥∞√•←-⇿\x00-\x08\x0e-\x1b\x7f]")
_NUMBERED = re.compile(r"\bn(?:\.?[ºo°]|[uú]m(?:ero|ber))|№", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
# Not \w+, which ends a word at the vowel signs of Burmese or Hindi.
_WORD = re.compile(r"[^\s!-/:-@\[-`{-~\u2010-\u205e\u3000-\u303f«»“”]+")
_LOOP_IN_CHARACTERS = re.compile(r"(\S{1,6}?)\1{4,}")
_LONG_WORD = 15
_LEADERS = ".-,!?_*"
_LONGEST_LOOP = 8
# Chinese, Japanese and Korean say in one character what takes two to four letters elsewhere.
_DENSE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")


def check(source: str, translation: str, *, languages: tuple[str, str] | None = None) -> tuple[str, ...]:
    """Names of the flags raised, sorted; keys of FLAGS.

    `languages` of source and translation, for the one check whose answer depends on how near they are.
    """
    if not translation.strip():
        return ("empty_translation",) if source.strip() else ()
    found = [flag for flag, differs in _CHECKS if differs(source, translation)]
    if languages and not akin(*languages) and _words_copied(source, translation):
        found.append("words_copied")
    return tuple(found)


def _numbers_differ(source: str, translation: str) -> bool:
    if not (_DIGIT.search(source) or _DIGIT.search(translation)):
        return False
    return numbers_differ(source, translation)


def _identifiers_differ(source: str, translation: str) -> bool:
    return _identifiers(source) != _identifiers(translation)


def _identifiers(text: str) -> Counter[str]:
    found = Counter(text[start:end] for start, end in exact(text))
    found.update(text[start:end].casefold() for start, end in codes(text))
    return found


def _emoji_differ(source: str, translation: str) -> bool:
    if not (PICTORIAL.search(source) or PICTORIAL.search(translation)):
        return False
    return Counter(EMOJI.findall(source)) != Counter(EMOJI.findall(translation))


def _repeats(source: str, translation: str) -> bool:
    words = _WORD.findall(translation.lower())
    if _words_recur(words) and (loop := _longest_loop(words)) > 1:
        return _longest_loop(_WORD.findall(source.lower())) < loop
    return _characters_loop(translation, words) and not _characters_loop(source, _WORD.findall(source))


def _words_recur(words: list[str]) -> bool:
    """Every loop has a pair of neighbours twice; a sentence without one needs no closer look."""
    neighbours = list(pairwise(words))
    return len(set(neighbours)) < len(neighbours)


def _characters_loop(text: str, words: list[str]) -> bool:
    if any(len(word) > _LONG_WORD and _LOOP_IN_CHARACTERS.search(word) for word in words):
        return True
    return any(mark * 10 in text or f"{mark} " * 5 in text for mark in _LEADERS if mark in text)


def _longest_loop(words: list[str]) -> int:
    """How often the worst sequence of words comes in a row; 1 when none does.

    One or two words twice are grammar ("had had", "um a um"); longer sequences twice are a loop.
    """
    worst = 1
    for size in range(1, min(_LONGEST_LOOP, len(words) // 2) + 1):
        run = 0
        for same in map(eq, words, words[size:]):
            run = run + 1 if same else 0
            times = run // size + 1
            if times > (2 if size <= 2 else 1):
                worst = max(worst, times)
    return worst


def _length_unusual(source: str, translation: str) -> bool:
    """Three times longer or shorter, with forty letters' grace: no line of FLORES in 100 languages is out."""
    here, there = _weight(source), _weight(translation)
    return there > 3 * here + 40 or here > 3 * there + 40


def _weight(text: str) -> int:
    text = text.strip()
    return len(text) if text.isascii() else len(text) + 2 * len(_DENSE.findall(text))


def _source_copied(source: str, translation: str) -> bool:
    if source.strip() != translation.strip():
        return False
    words: list[str] = _WORD.findall(source)
    return sum(word.isalpha() and word.islower() for word in words) >= 3


def _symbol_lost(source: str, translation: str) -> bool:
    if not _SYMBOL.search(source):
        return False
    lost = _symbols(source) - _symbols(translation)
    if _NUMBERED.search(translation):
        del lost["#"]
    return bool(lost)


def _words_copied(source: str, translation: str) -> bool:
    # Twice, because addresses cost more to find than words, and most sentences have neither.
    return words_copied(source, translation) and words_copied(
        _without_addresses(source), _without_addresses(translation)
    )


def _symbols(text: str) -> Counter[str]:
    return Counter(_SYMBOL.findall(_without_addresses(text)))


def _without_addresses(text: str) -> str:
    places = [Segment(*place) for place in exact(text)]
    return join(text, places, [" 0 "] * len(places))


_CHECKS: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    ("currencies_differ", currencies_differ),
    ("emoji_differ", _emoji_differ),
    ("identifiers_differ", _identifiers_differ),
    ("length_unusual", _length_unusual),
    ("numbers_differ", _numbers_differ),
    ("repetition", _repeats),
    ("source_copied", _source_copied),
    ("symbol_lost", _symbol_lost),
)

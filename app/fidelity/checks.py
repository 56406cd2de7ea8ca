# ruff: noqa: RUF001 - dashes and full stops that look alike
"""Which doubts a translation raises, by name. Runs on every segment: cheap questions first, no places, no words.

Lenient where a good translation may differ; what is flagged is worth a look.
"""

import re
from collections import Counter
from itertools import pairwise
from operator import eq

from app.copying import akin, words_copied
from app.emoji import EMOJI, PICTORIAL
from app.fidelity import calendar, foreign, negation, sentences
from app.fidelity.glance import no_digits, unusual, words
from app.fidelity.languages import length_range
from app.marks import currencies_differ
from app.numerals import numbers_differ
from app.segmentation import Segment, join
from app.verbatim import codes, exact, may_hold

# Not %, & and °, which have words of their own, nor currencies, which have a check of their own.
SYMBOL = re.compile(r"[@#*+=<>\[\]{}|\\^~_§¶©®™±÷≈≠≤≥∞√•←-⇿\x00-\x08\x0e-\x1b\x7f]")
_NUMBERED = re.compile(r"\bn(?:\.?[ºo°]|[uú]m(?:ero|ber))|№", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_CURRENCY = re.compile(r"[$£€¥\u20a0-\u20cf]")
_LOOP_IN_CHARACTERS = re.compile(r"(\S{1,6}?)\1{4,}")
_LONG_WORD = 15
_LEADERS = tuple((mark, mark * 10, f"{mark} " * 5) for mark in ".-,!?_*")
_LONGEST_LOOP = 8
# Chinese, Japanese and Korean say in one character what takes two to four letters elsewhere.
_DENSE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_ENDED = re.compile(r"[.!?…。！？।؟։።][\"'»”’)\]]*\s*$")
_OPEN_END = re.compile(r"[\w,;–—-]\s*$")
_LEAST_TO_END = 4
"""Words: shorter lines are labels, which need no full stop."""


def check(source: str, translation: str, *, languages: tuple[str, str] | None = None) -> tuple[str, ...]:
    """Names of the flags raised, sorted; keys of FLAGS.

    `languages` of source and translation, normalised, for the checks whose answer depends on them.
    """
    if not translation.strip():
        return ("empty_translation",) if source.strip() else ()
    here, there = words(source), words(translation)
    raised = [flag for flag, differs in _CHECKS if differs(source, translation)]
    raised += _of_signs(source, translation)
    if repeats(source, translation, here, there):
        raised.append("repetition")
    if sentences.lost(source, translation, languages=languages):
        raised.append("sentence_lost")
    if languages:
        raised += _by_language(source, translation, here, there, languages)
    elif _weights_differ(source, translation):
        raised.append("length_unusual")
    return tuple(sorted(raised))


def symbols(text: str) -> Counter[str]:
    return Counter(SYMBOL.findall(without_addresses(text)))


def without_addresses(text: str) -> str:
    places = [Segment(*place) for place in exact(text)]
    return join(text, places, [" 0 "] * len(places))


def _of_signs(source: str, translation: str) -> list[str]:
    """What can only be where a text holds more than letters and common marks, or names a currency by its code."""
    signs = unusual(source) + unusual(translation)
    if _names_currency(source) or _names_currency(translation) or not no_digits(signs):
        return [flag for flag, differs in _SIGN_CHECKS if differs(source, translation)]
    if not signs and not ("www." in source or "www." in translation):
        return []
    return [flag for flag, differs in _SIGN_CHECKS[:-1] if differs(source, translation)]


def _by_language(
    source: str, translation: str, here: list[str], there: list[str], languages: tuple[str, str]
) -> list[str]:
    raised = []
    if not akin(*languages) and _words_copied(source, translation):
        raised.append("words_copied")
    if _length_unusual(source, translation, languages):
        raised.append("length_unusual")
    if negation.lost(source, translation, languages=languages, words=here):
        raised.append("negation_lost")
    if calendar.mentioned(here, languages[0]) or calendar.mentioned(there, languages[1]):
        raised += ["dates_differ"] if _dates_differ(source, translation, languages) else []
    if languages[0] != languages[1] and foreign.written_in(translation, languages[1], words=there):
        raised.append("language_unexpected")
    return raised


def _has_currency(text: str) -> bool:
    return ("$" in text if text.isascii() else _CURRENCY.search(text) is not None) or _names_currency(text)


def _names_currency(text: str) -> bool:
    # Spelt out: a loop over five names costs four times as much, and this is asked of every segment.
    return "GBP" in text or "EUR" in text or "USD" in text or "BRL" in text or "JPY" in text


def _currencies_differ(source: str, translation: str) -> bool:
    return (_has_currency(source) or _has_currency(translation)) and currencies_differ(source, translation)


def _numbers_differ(source: str, translation: str) -> bool:
    if not (_DIGIT.search(source) or _DIGIT.search(translation)):
        return False
    return numbers_differ(source, translation)


def _identifiers_differ(source: str, translation: str) -> bool:
    if not (may_hold(source) or may_hold(translation)):
        return False
    return _identifiers(source) != _identifiers(translation)


def _identifiers(text: str) -> list[str]:
    return sorted(
        [
            *(text[start:end] for start, end in exact(text)),
            *(text[start:end].casefold() for start, end in codes(text)),
        ]
    )


def _emoji_differ(source: str, translation: str) -> bool:
    if not (_has_pictures(source) or _has_pictures(translation)):
        return False
    return Counter(EMOJI.findall(source)) != Counter(EMOJI.findall(translation))


def _has_pictures(text: str) -> bool:
    # The patterns try every character; most texts of Europe are told by their highest one.
    return not text.isascii() and max(text) > "\u2030" and PICTORIAL.search(text) is not None


def repeats(source: str, translation: str, here: list[str], there: list[str]) -> bool:
    """`here` and `there`: their words, in small letters."""
    if _words_recur(there) and (loop := _longest_loop(there)) > 1:
        return _longest_loop(here) < loop
    return _characters_loop(translation, there) and not _characters_loop(source, here)


def loops(text: str) -> bool:
    """Whether it repeats itself, whatever its source does."""
    return repeats("", text, [], words(text))


def _words_recur(found: list[str]) -> bool:
    """Every loop has a pair of neighbours twice; a sentence without one needs no closer look."""
    if len(set(found)) == len(found):
        return False
    return len(set(pairwise(found))) < len(found) - 1


def _characters_loop(text: str, found: list[str]) -> bool:
    longest = max(map(len, found), default=0)
    if longest > _LONG_WORD and any(
        len(word) > _LONG_WORD and _LOOP_IN_CHARACTERS.search(word) for word in found
    ):
        return True
    return any(mark in text and (closed in text or spaced in text) for mark, closed, spaced in _LEADERS)


def _longest_loop(found: list[str]) -> int:
    """How often the worst sequence of words comes in a row; 1 when none does.

    One or two words twice are grammar ("had had", "um a um"); longer sequences twice are a loop.
    """
    worst = 1
    for size in range(1, min(_LONGEST_LOOP, len(found) // 2) + 1):
        run = 0
        for same in map(eq, found, found[size:]):
            run = run + 1 if same else 0
            times = run // size + 1
            if times > (2 if size <= 2 else 1):
                worst = max(worst, times)
    return worst


def _length_unusual(source: str, translation: str, languages: tuple[str, str]) -> bool:
    learned = length_range(*languages)
    if learned is None:
        return _weights_differ(source, translation)
    return not learned.holds(len(source.strip()), len(translation.strip()))


def _weights_differ(source: str, translation: str) -> bool:
    """Three times longer or shorter, with forty letters' grace: no line of FLORES in 100 languages is out."""
    here, there = _weight(source), _weight(translation)
    return there > 3 * here + 40 or here > 3 * there + 40


def _weight(text: str) -> int:
    text = text.strip()
    return len(text) if text.isascii() else len(text) + 2 * len(_DENSE.findall(text))


def _source_copied(source: str, translation: str) -> bool:
    if source.strip() != translation.strip():
        return False
    return sum(word.isalpha() and word.islower() for word in source.split()) >= 3


def _ends_early(source: str, translation: str) -> bool:
    if _OPEN_END.search(translation[-8:]) is None or _ENDED.search(source[-8:]) is None:
        return False
    return len(translation.split()) >= _LEAST_TO_END


def _symbol_lost(source: str, translation: str) -> bool:
    if not SYMBOL.search(source):
        return False
    lost = symbols(source) - symbols(translation)
    if _NUMBERED.search(translation):
        del lost["#"]
    return bool(lost)


def _words_copied(source: str, translation: str) -> bool:
    # Twice, because addresses cost more to find than words, and most sentences have neither.
    return words_copied(source, translation) and words_copied(
        without_addresses(source), without_addresses(translation)
    )


def _dates_differ(source: str, translation: str, languages: tuple[str, str]) -> bool:
    if not all(map(calendar.known, languages)):
        return False
    here, there = calendar.names(source, languages[0]), calendar.names(translation, languages[1])
    return bool(calendar.unmatched(here, there, translation) or calendar.unmatched(there, here, source))


_CHECKS = (("ends_early", _ends_early), ("source_copied", _source_copied))
_SIGN_CHECKS = (
    ("currencies_differ", _currencies_differ),
    ("emoji_differ", _emoji_differ),
    ("identifiers_differ", _identifiers_differ),
    ("symbol_lost", _symbol_lost),
    ("numbers_differ", _numbers_differ),
)
"""Numbers last: where there are no digits, that one is left out."""

# ruff: noqa: RUF001 - dashes and full stops that look alike
"""Which doubts a translation raises, by name. Runs on every segment: cheap questions first, no places, no words.

Lenient where a good translation may differ; what is flagged is worth a look.
"""

import re
from collections import Counter

from app.copying import akin, may_be_copied, words_copied
from app.emoji import EMOJI, PICTORIAL
from app.fidelity import calendar, figures, foreign, negation, sentences
from app.fidelity.dates import Order
from app.fidelity.glance import no_digits, unusual, words
from app.fidelity.keywords import keywords
from app.fidelity.languages import length_range
from app.fidelity.repetition import repeats
from app.marks import currencies_differ
from app.segmentation import Segment, join
from app.verbatim import codes, exact, may_hold

# Not %, & and °, which have words of their own, nor currencies, which have a check of their own.
SYMBOL = re.compile(r"[@#*+=<>\[\]{}|\\^~_§¶©®™±÷≈≠≤≥∞√•←-⇿\x00-\x08\x0e-\x1b\x7f]")
_NUMBERED = re.compile(r"\bn(?:\.?[ºo°]|[uú]m(?:ero|ber))|№", re.IGNORECASE)
_CURRENCY = re.compile(r"[$£€¥\u20a0-\u20cf]")
# Chinese, Japanese and Korean say in one character what takes two to four letters elsewhere.
_DENSE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_ENDED = re.compile(r"[.!?…。！？।؟։።][\"'»”’)\]]*\s*$")
_OPEN_END = re.compile(r"[\w,;–—-]\s*$")
_LEAST_TO_END = 4
"""Words: shorter lines are labels, which need no full stop."""


def check(
    source: str,
    translation: str,
    *,
    languages: tuple[str, str] | None = None,
    orders: tuple[Order, Order] | None = None,
) -> tuple[str, ...]:
    """Names of the flags raised, sorted; keys of FLAGS.

    `languages` of source and translation, normalised, for the checks whose answer depends on them; `orders` of dates
    in figures, where more than the language is known.
    """
    if not translation.strip():
        return ("empty_translation",) if source.strip() else ()
    here, there = words(source), words(translation)
    raised = [flag for flag, differs in _CHECKS if differs(source, translation)]
    signs = unusual(source) + unusual(translation)
    languages_known = languages or (None, None)
    told = keywords(languages_known[0]).intersection(here)
    tells = keywords(languages_known[1]).intersection(there)
    plain = source, translation
    if not no_digits(signs) or figures.words_may_differ((told, tells), (here, there), languages):
        compared = figures.compare(source, translation, (here, there), languages=languages, orders=orders)
        plain = compared.source, compared.translation
        raised += compared.flags
    raised += _of_signs(source, translation, signs, plain)
    if repeats(source, translation, here, there):
        raised.append("repetition")
    if sentences.lost(source, translation, languages=languages):
        raised.append("sentence_lost")
    if languages:
        raised += _by_language(source, translation, here, there, languages)
        raised += _by_keywords(plain, (told, tells), languages)
    elif _weights_differ(source, translation):
        raised.append("length_unusual")
    return tuple(sorted(set(raised)))


def symbols(text: str) -> Counter[str]:
    return Counter(SYMBOL.findall(without_addresses(text)))


def without_addresses(text: str) -> str:
    places = [Segment(*place) for place in exact(text)]
    return join(text, places, [" 0 "] * len(places))


def _of_signs(source: str, translation: str, signs: bytes, plain: tuple[str, str]) -> list[str]:
    """What can only be where a text holds more than letters and common marks, or names a currency by its code.

    `signs`: what is unusual in both; `plain`: both without the dates and telephone numbers that agree.
    """
    raised = []
    if signs or "www." in source or "www." in translation:
        raised = [flag for flag, differs in _SIGN_CHECKS if differs(*plain)]
    if (signs or _names_currency(source) or _names_currency(translation)) and _currencies_differ(
        source, translation
    ):
        raised.append("currencies_differ")
    return raised


def _by_language(
    source: str, translation: str, here: list[str], there: list[str], languages: tuple[str, str]
) -> list[str]:
    raised = []
    if (
        may_be_copied(set(here).intersection(there))
        and not akin(*languages)
        and _words_copied(source, translation)
    ):
        raised.append("words_copied")
    if _length_unusual(source, translation, languages):
        raised.append("length_unusual")
    if languages[0] != languages[1] and foreign.written_in(translation, languages[1], words=there):
        raised.append("language_unexpected")
    return raised


def _by_keywords(
    texts: tuple[str, str], found: tuple[frozenset[str], frozenset[str]], languages: tuple[str, str]
) -> list[str]:
    """`found`: the keywords of both."""
    raised = []
    if negation.lost(*texts, languages=languages, words=found[0]):
        raised.append("negation_lost")
    mentioned = any(
        not calendar.heads(language).isdisjoint(words)
        for language, words in zip(languages, found, strict=True)
    )
    if mentioned and _dates_differ(*texts, languages):
        raised.append("dates_differ")
    return raised


def _has_currency(text: str) -> bool:
    return ("$" in text if text.isascii() else _CURRENCY.search(text) is not None) or _names_currency(text)


def _names_currency(text: str) -> bool:
    # Spelt out: a loop over five names costs four times as much, and this is asked of every segment.
    return "GBP" in text or "EUR" in text or "USD" in text or "BRL" in text or "JPY" in text


def _currencies_differ(source: str, translation: str) -> bool:
    return (_has_currency(source) or _has_currency(translation)) and currencies_differ(source, translation)


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
    ("emoji_differ", _emoji_differ),
    ("identifiers_differ", _identifiers_differ),
    ("symbol_lost", _symbol_lost),
)

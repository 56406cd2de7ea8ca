# ruff: noqa: RUF001 - dashes and full stops that look alike
"""Which doubts a translation raises, by name. Runs on every segment: cheap questions first, no places, no words.

Lenient where a good translation may differ; what is flagged is worth a look.
"""

import re
from collections import Counter

from app.copying import akin, may_be_copied, words_copied
from app.emoji import EMOJI, PICTORIAL
from app.fidelity import calendar, figures, foreign, identifiers, negation, sentences
from app.fidelity.copies import copied
from app.fidelity.dates import Order
from app.fidelity.figures import Figures
from app.fidelity.glance import Glance, Pair
from app.fidelity.keywords import keywords
from app.fidelity.languages import length_range
from app.fidelity.repetition import repeats
from app.marks import CURRENCY_WORDS, currencies_differ, currencies_exchanged
from app.segmentation import Segment, join
from app.verbatim import exact

# Not %, & and °, which have words of their own, nor currencies, which have a check of their own.
SYMBOL = re.compile(r"[@#*+=<>\[\]{}|\\^~_§¶©®™±÷≈≠≤≥∞√•←-⇿\x00-\x08\x0e-\x1b\x7f]")
_NUMBERED = re.compile(r"\bn(?:\.?[ºo°]|[uú]m(?:ero|ber))|№", re.IGNORECASE)
_CURRENCY = re.compile(r"[$£€¥\u20a0-\u20cf]")
# Chinese, Japanese and Korean say in one character what takes two to four letters elsewhere.
_DENSE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_ENDED = re.compile(r"[.!?…。！？।؟։።][\"'»”’)\]]*\s*$")
_OPEN_END = re.compile(r"[\w,;–—-]\s*$")
_FRAME = re.compile(
    r"\{\s?\w+,\s?(?:plural|select|selectordinal),(?:\s?offset:\d+)?|(?<![\w-])(?:=\d+|zero|one|two|few|many|other)\s?\{"
)
_LEAST_TO_END = 4
"""Words: shorter lines are labels, which need no full stop."""


def check(
    source: str | Glance,
    translation: str | Glance,
    *,
    languages: tuple[str, str] | None = None,
    orders: tuple[Order, Order] | None = None,
) -> tuple[str, ...]:
    """Names of the flags raised, sorted; keys of FLAGS.

    `languages` of source and translation, normalised, for the checks whose answer depends on them; `orders` of dates
    in figures, where more than the language is known. A text that is compared more than once may come with its Glance.
    """
    here = Glance(source) if isinstance(source, str) else source
    there = Glance(translation) if isinstance(translation, str) else translation
    if not there.size:
        return ("empty_translation",) if here.size else ()
    raised = _doubts((here, there), languages, orders)
    return tuple(sorted(set(raised))) if raised else ()


def _doubts(seen: Pair, languages: tuple[str, str] | None, orders: tuple[Order, Order] | None) -> list[str]:
    here, there = seen
    own, other = languages or (None, None)
    told = keywords(own).intersection(here.distinct), keywords(other).intersection(there.distinct)
    raised, compared = _of_form(seen, languages), None
    if (
        here.digits
        or there.digits
        or ((told[0] or told[1]) and figures.words_may_differ(told, seen, languages))
    ):
        compared = figures.compare(seen, languages=languages, orders=orders)
        raised += compared.flags
    raised += _of_signs(seen, compared)
    if (told[0] or told[1]) and _currencies_exchanged(here.text, there.text, told[0] | told[1]):
        raised.append("currencies_differ")
    if languages:
        raised += _by_language(seen, languages)
        raised += _by_keywords(seen, compared, told, languages)
    return raised


def symbols(text: str) -> Counter[str]:
    return Counter(SYMBOL.findall(without_addresses(text)))


def without_addresses(text: str) -> str:
    places = [Segment(*place) for place in exact(text)]
    return join(text, places, [" 0 "] * len(places))


def _of_signs(seen: Pair, compared: Figures | None) -> list[str]:
    """What can only be where a text holds more than letters and common marks, or names a currency by its code."""
    here, there = seen
    source, translation = here.text, there.text
    unusual = here.unusual or there.unusual
    raised = []
    # Spelt out, as below.
    if unusual or "www." in source or "www." in translation or ".com" in source or ".com" in translation:
        dated, plain = (compared.dated, compared.plain) if compared else ((source, translation),) * 2
        raised += ["emoji_differ"] if _emoji_differ(seen) else []
        raised += (
            ["identifiers_differ"] if identifiers.differ(*dated, digits=here.digits or there.digits) else []
        )
        raised += ["symbol_lost"] if _symbol_lost(*plain) else []
    if (unusual or _names_currency(source) or _names_currency(translation)) and _currencies_differ(
        source, translation
    ):
        raised.append("currencies_differ")
    return raised


def _of_form(seen: Pair, languages: tuple[str, str] | None) -> list[str]:
    here, there = seen
    usual = length_range(*languages) if languages else None
    raised = ["ends_early"] if _ends_early(here.text, there.text) else []
    if copied(here.text, there.text, languages=languages):
        raised.append("source_copied")
    if repeats(here, there):
        raised.append("repetition")
    if sentences.lost(here, there, target=languages and languages[1], usual=usual):
        raised.append("sentence_lost")
    if not usual.holds(here.size, there.size) if usual else _weights_differ(here, there):
        raised.append("length_unusual")
    return raised


def _by_language(seen: Pair, languages: tuple[str, str]) -> list[str]:
    here, there = seen
    raised = []
    if (
        may_be_copied(here.distinct & there.distinct)
        and not akin(*languages)
        and _words_copied(here.text, there.text)
    ):
        raised.append("words_copied")
    if languages[0] != languages[1] and foreign.written_in(there, languages[1]):
        raised.append("language_unexpected")
    return raised


def _by_keywords(
    seen: Pair,
    compared: Figures | None,
    found: tuple[frozenset[str], frozenset[str]],
    languages: tuple[str, str],
) -> list[str]:
    """`found`: the keywords of both. Without digits no word that has a second sense is sure to be a month."""
    texts = compared.dated if compared else (seen[0].text, seen[1].text)
    raised = ["negation_lost"] if negation.lost(*texts, languages=languages, words=found) else []
    if not (found[0] or found[1]):
        return raised
    sure = not (seen[0].digits or seen[1].digits)
    known = calendar.heads(languages[0], sure=sure), calendar.heads(languages[1], sure=sure)
    named = not known[0].isdisjoint(found[0]) or not known[1].isdisjoint(found[1])
    if named and any(calendar.unequal(*texts, languages)):
        raised.append("dates_differ")
    return raised


def _currencies_exchanged(source: str, translation: str, keywords: frozenset[str]) -> bool:
    return not CURRENCY_WORDS.isdisjoint(keywords) and currencies_exchanged(source, translation)


def _has_currency(text: str) -> bool:
    return ("$" in text if text.isascii() else _CURRENCY.search(text) is not None) or _names_currency(text)


def _names_currency(text: str) -> bool:
    # Spelt out: a loop over five names costs four times as much, and this is asked of every segment.
    return "GBP" in text or "EUR" in text or "USD" in text or "BRL" in text or "JPY" in text


def _currencies_differ(source: str, translation: str) -> bool:
    return (_has_currency(source) or _has_currency(translation)) and currencies_differ(source, translation)


def _emoji_differ(seen: Pair) -> bool:
    if not any(map(_has_pictures, seen)):
        return False
    here, there = (Counter(EMOJI.findall(each.text)) for each in seen)
    return here != there


def _has_pictures(seen: Glance) -> bool:
    # The patterns try every character; most texts of Europe are told by their highest one.
    return seen.beyond and max(seen.text) > "\u2030" and PICTORIAL.search(seen.text) is not None


def _weights_differ(source: Glance, translation: Glance) -> bool:
    """Three times longer or shorter, with forty letters' grace: no line of FLORES in 100 languages is out."""
    here, there = _weight(source), _weight(translation)
    return there > 3 * here + 40 or here > 3 * there + 40


def _weight(seen: Glance) -> int:
    return seen.size + 2 * len(_DENSE.findall(seen.text)) if seen.beyond else seen.size


def _ends_early(source: str, translation: str) -> bool:
    if (
        translation[-1] in ".!?"
        or _OPEN_END.search(translation[-8:]) is None
        or _ENDED.search(source[-8:]) is None
    ):
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
    return words_copied(source, translation) and words_copied(_bare(source), _bare(translation))


def _bare(text: str) -> str:
    """Without addresses and the frames of ICU messages."""
    return _FRAME.sub(" 0 ", without_addresses(text))

"""Numbers, dates and units of both sides, compared in one go: in figures and in words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app.fidelity import counting, dates, phones, units
from app.fidelity.counting import Said, Tongue
from app.fidelity.dates import Date, Order
from app.fidelity.glance import Glance, Pair
from app.fidelity.identifiers import IBAN, compact
from app.fidelity.languages import spans
from app.fidelity.units import Doubt, Measures
from app.numerals import Numbered, figures, in_roman, late_twins, unequal

_SQUARE = re.compile(r"(\d[ \xa0\u202f]?[kcdm]?m)[23](?![\w]|[.,]\d)")
_HALF = re.compile(r"(?<![\d/])1/2(?![\d/])|½")
_HALF_SAID = re.compile(
    r"\b(?:half|mei[oa]s?|metade|demie?|moitié|medi[oa]|mitad|halbe?[nrs]?|mezz[oa])\b", re.IGNORECASE
)

Languages = tuple[str, str] | None
_Both = tuple[Sequence[Said], Sequence[Said]]


@dataclass(frozen=True, slots=True)
class Figures:
    dated: tuple[str, str]
    """Source and translation without the dates that both have."""
    plain: tuple[str, str]
    """Without telephone numbers, too."""
    missing: Counter[str]
    """Values that only the source has."""
    extra: Counter[str]
    missing_dates: Sequence[Date] = ()
    extra_dates: Sequence[Date] = ()
    minus: Sequence[Doubt] = ()
    units: Sequence[Doubt] = ()

    @property
    def flags(self) -> list[str]:
        raised = ["numbers_differ"] if self.missing or self.extra or self.minus else []
        raised += ["dates_differ"] if self.missing_dates or self.extra_dates else []
        return raised + (["units_differ"] if self.units else [])


@dataclass(frozen=True, slots=True)
class _Words:
    """Numbers that both say in words."""

    said: _Both
    counted: tuple[Measures, Measures]
    alone: bool
    """Whether a word asks for an equal by itself."""


def compare(
    seen: Pair,
    *,
    languages: Languages,
    orders: tuple[Order, Order] | None = None,
) -> Figures:
    """`orders` of dates in figures, where more than the language is known."""
    words, source, translation = _words(seen, languages), seen[0].text, seen[1].text
    if not (seen[0].digits or seen[1].digits):
        missing, extra = with_words(Counter(), Counter(), words, seen)
        doubts = units.doubts(*seen, words.counted, languages=languages)
        return Figures((source, translation), (source, translation), missing, extra, units=doubts)
    orders = orders or (dates.order(languages and languages[0]), dates.order(languages and languages[1]))
    days = dates.compare(source, translation, languages=languages, orders=orders)
    texts, missing, extra = _unequal(seen, days)
    missing, extra = with_words(missing, extra, words, texts)
    missing = _without(missing, days.source, days.missing)
    extra = _without(extra, days.translation, days.extra)
    return Figures(
        (days.source, days.translation),
        (texts[0].text, texts[1].text),
        missing,
        extra,
        *_changed(days, missing, extra, languages),
        units.minus_differs(*texts, languages=languages),
        units.doubts(*texts, words.counted, languages=languages),
    )


def _words(seen: Pair, languages: Languages) -> _Words:
    here, there = _tongues(languages)
    said = _said(seen[0], here), _said(seen[1], there)
    # In the texts as they came: dates give way to FILLER, which makes one word of several and moves none.
    counted = _counted(said[0], seen[0]), _counted(said[1], seen[1])
    return _Words(said, counted, here is not None and there is not None and here.complete and there.complete)


def _unequal(
    seen: Pair, days: dates.Compared
) -> tuple[tuple[Numbered, Numbered], Counter[str], Counter[str]]:
    """The texts without all that both have, and the values that only one has in figures."""
    source, translation = days.source, days.translation
    if "+" in source or "+" in translation:
        source, translation = phones.settled(source, translation)
    texts = seen[0].now(source), seen[1].now(translation)
    missing, extra = unequal(*texts)
    if missing or extra:
        settled = _without_fractions(*phones.settled(*_without_accounts(source, translation)))
        if settled != (source, translation):
            texts = texts[0].now(settled[0]), texts[1].now(settled[1])
            missing, extra = unequal(*texts)
    return texts, missing, extra


def _changed(
    days: dates.Compared, missing: Counter[str], extra: Counter[str], languages: Languages
) -> tuple[Sequence[Date], Sequence[Date]]:
    """Dates that only one side has: in figures, or with the month's name where a value of theirs is missed."""
    if not (missing or extra):
        return days.missing, days.extra
    own, other = languages or (None, None)
    lost = days.missing or dates.changed(days.source, own, missing)
    return lost, days.extra or dates.changed(days.translation, other, extra)


def _without(values: Counter[str], text: str, found: Sequence[Date]) -> Counter[str]:
    """Without the order of what is missed as a date."""
    if not (values and found):
        return values
    return values - Counter(text[date.start : date.end] for date in found)


def _without_accounts(source: str, translation: str) -> tuple[str, str]:
    """Without the IBANs that both have, in groups or in one piece."""
    here, there = list(IBAN.finditer(source)), list(IBAN.finditer(translation))
    shared = {compact(found[0]) for found in here} & {compact(found[0]) for found in there}
    if not shared:
        return source, translation
    return (
        dates.blanked(source, [found.span() for found in here if compact(found[0]) in shared]),
        dates.blanked(translation, [found.span() for found in there if compact(found[0]) in shared]),
    )


def _without_fractions(source: str, translation: str) -> tuple[str, str]:
    """Square metres whose 2 is raised, and halves that the other side says in a word."""
    source, translation = (_SQUARE.sub(r"\1²", text) for text in (source, translation))
    if _HALF.search(source) and (_HALF.search(translation) or _HALF_SAID.search(translation)):
        source, translation = _HALF.sub(_blank, source), _HALF.sub(_blank, translation)
    elif _HALF_SAID.search(source):
        translation = _HALF.sub(_blank, translation)
    return source, translation


def _blank(place: re.Match[str]) -> str:
    return dates.FILLER * len(place[0])


def words_may_differ(
    keywords: tuple[frozenset[str], frozenset[str]],
    seen: Pair,
    languages: Languages,
) -> bool:
    """Whether one side may say a number that the other does not; cheap. More than one a side need a closer look."""
    if not (keywords[0] or keywords[1]):
        return False
    here, there = _tongues(languages)
    if here is None or there is None:
        return False
    told, tells = here.telling & keywords[0], there.telling & keywords[1]
    if not told or not tells:
        return bool(told or tells) and here.complete and there.complete
    if len(told) > 1 or len(tells) > 1 or here.values[next(iter(told))] != there.values[next(iter(tells))]:
        return True
    return units.named(seen[0].distinct) and units.named(seen[1].distinct)


def _tongues(languages: Languages) -> tuple[Tongue | None, Tongue | None]:
    here, there = languages or (None, None)
    return counting.tongue(here), counting.tongue(there)


def _said(seen: Glance, spoken: Tongue | None) -> list[Said]:
    if spoken is None or spoken.values.keys().isdisjoint(seen.distinct):
        return []
    return list(counting.said(seen.words, spoken))


def _counted(said: Sequence[Said], seen: Glance) -> Measures:
    return units.counted(said, seen.words, partial(spans, seen.text))


def with_words(
    missing: Counter[str],
    extra: Counter[str],
    words: _Words,
    texts: tuple[Numbered, Numbered],
) -> tuple[Counter[str], Counter[str]]:
    """`missing` and `extra` without what the other side says in words, and with words that say another number.

    Where a word does not ask for its equal alone, it does where the other side has a number too many.
    """
    said, alone = words.said, words.alone
    if not (missing or extra or said[0] or said[1]):
        return missing, extra
    missing, extra = _unsaid(missing, said, texts), _unsaid(extra, said[::-1], texts)
    lacking, gained = _lacking(said, texts), _lacking(said[::-1], texts[::-1])
    if lacking and (alone or gained or extra):
        missing = missing + Counter(lacking)
    if gained and (alone or lacking or missing):
        extra = extra + Counter(gained)
    return missing, extra


def _unsaid(values: Counter[str], said: _Both, texts: tuple[Numbered, Numbered]) -> Counter[str]:
    """Those of `values` that the other side does not say in words. `said`: on their own side, and on the other."""
    if not values or not said[1]:
        return values
    own = Counter([each.value for each in said[0] if each.sure])
    other = Counter([each.value for each in said[1]])
    return Counter(
        {
            value: count
            for value, count in values.items()
            if not any(
                other[twin] > own[twin] for twin in {value, *late_twins(value, texts[0].text, texts[1].text)}
            )
        }
    )


def _lacking(said: _Both, texts: tuple[Numbered, Numbered]) -> list[str]:
    """Numbers in words that the other side has neither in words nor in figures; in order, each once."""
    other = {each.value for each in said[1]}
    values = dict.fromkeys(each.value for each in said[0] if each.sure and each.value not in other)
    if not values:
        return []
    own, text = texts[0].text, texts[1].text
    known = figures(texts[1])
    return [
        value
        for value in values
        if value not in known and not in_roman(value, text) and late_twins(value, own, text).isdisjoint(known)
    ]

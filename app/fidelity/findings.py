"""The doubts of app.fidelity.checks with what is wrong and where: for a person, and only for what was flagged."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.emoji import EMOJI
from app.fidelity import calendar, counting, foreign, identifiers, negation, sentences
from app.fidelity.checks import SYMBOL, check, symbols
from app.fidelity.dates import Order
from app.fidelity.figures import Figures, compare
from app.fidelity.glance import Glance
from app.fidelity.kinds import FLAGS
from app.fidelity.languages import length_range, spans
from app.fidelity.units import Doubt
from app.marks import currency_places
from app.numerals import numbers

Languages = tuple[str, str] | None
Span = tuple[int, int]
Places = Mapping[str, list[Span]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Places are half-open ranges of code points; None where there is none to show."""

    kind: str
    detail: str
    place: Span | None = None
    """In the translation."""
    source_place: Span | None = None


def find(
    source: str,
    translation: str,
    *,
    languages: Languages = None,
    detected: str | None = None,
    orders: tuple[Order, Order] | None = None,
) -> tuple[Finding, ...]:
    """Every flag that `check` raises, explained. `detected`: the language that the translation surely is in."""
    found: list[Finding] = []
    seen = Glance(source), Glance(translation)
    kinds = check(*seen, languages=languages, orders=orders)
    if not _OF_FIGURES.keys().isdisjoint(kinds):
        compared = compare(seen, languages=languages, orders=orders)
        for kind in _OF_FIGURES.keys() & set(kinds):
            found += _OF_FIGURES[kind](compared, languages) or [Finding(kind, FLAGS[kind])]
    for kind in kinds:
        if kind not in _OF_FIGURES:
            explained = list(_EXPLAINED[kind](source, translation, languages)) if kind in _EXPLAINED else []
            found += explained or [Finding(kind, FLAGS[kind])]
    if (
        detected
        and languages
        and detected != languages[1]
        and all(f.kind != "language_unexpected" for f in found)
    ):
        found.append(Finding("language_unexpected", _in_language(detected), (0, len(translation))))
    return tuple(sorted(found, key=lambda finding: finding.kind))


def _numbers(compared: Figures, languages: Languages) -> list[Finding]:
    here, there = languages or (None, None)
    (missing, extra), (source, translation) = (compared.missing, compared.extra), compared.plain
    found = [
        *_missing("numbers_differ", missing, source, _number_places(source, here)),
        *_extra("numbers_differ", extra, translation, _number_places(translation, there)),
    ]
    return found + [_of_unit("numbers_differ", doubt, compared.plain) for doubt in compared.minus]


def _number_places(text: str, language: str | None) -> Places:
    places: dict[str, list[Span]] = {}
    for number in numbers(text):
        for name in {number.value, number.digits, text[number.start : number.end]}:
            places.setdefault(name, []).append((number.start, number.end))
    if spoken := counting.tongue(language):
        where = spans(text)
        for each in counting.said(Glance(text).words, spoken):
            places.setdefault(each.value, []).append((where[each.first][0], where[each.end - 1][1]))
    return places


def _units(compared: Figures, _languages: Languages) -> list[Finding]:
    return [_of_unit("units_differ", doubt, compared.plain) for doubt in compared.units]


def _of_unit(kind: str, doubt: Doubt, texts: tuple[str, str]) -> Finding:
    if doubt.in_source:
        return Finding(kind, _unequal_here(texts[0][slice(*doubt.place)]), None, doubt.place)
    return Finding(kind, _unequal_there(texts[1][slice(*doubt.place)]), doubt.place)


def _dates(compared: Figures, languages: Languages) -> list[Finding]:
    source, translation = compared.dated
    missing = [(date.start, date.end) for date in compared.missing_dates]
    extra = [(date.start, date.end) for date in compared.extra_dates]
    if languages:
        lost, gained = calendar.unequal(source, translation, languages)
        missing += [(name.start, name.end) for name in lost]
        extra += [(name.start, name.end) for name in gained]
    return [
        *(Finding("dates_differ", _unequal_here(source[slice(*place)]), None, place) for place in missing),
        *(Finding("dates_differ", _unequal_there(translation[slice(*place)]), place) for place in extra),
    ]


def _symbols(compared: Figures, _languages: Languages) -> list[Finding]:
    source, translation = compared.plain
    lost, places = symbols(source) - symbols(translation), _matches(SYMBOL.finditer(source))
    return [
        Finding("symbol_lost", f"{_shown(sign)} of the source is missing.", None, place)
        for sign, count in lost.items()
        for place in places.get(sign, [])[-count:]
    ]


def _identifiers(compared: Figures, _languages: Languages) -> list[Finding]:
    return list(_compared("identifiers_differ", compared.dated, _identifier_places))


def _identifier_places(text: str) -> Places:
    places: dict[str, list[Span]] = {}
    for written, place in identifiers.places(text):
        places.setdefault(written, []).append(place)
    return places


def _emoji(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    yield from _compared("emoji_differ", (source, translation), _emoji_places)


def _currencies(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    here, there = currency_places(source), currency_places(translation)
    for kind, places in here.items():
        if len(places) > len(there.get(kind, [])):
            yield Finding("currencies_differ", f"{kind} of the source is missing.", None, places[-1])
    for kind, places in there.items():
        if len(places) > len(here.get(kind, [])):
            yield Finding("currencies_differ", f"{kind} is not in the source.", places[-1])


def _negation(source: str, _translation: str, languages: Languages) -> Iterator[Finding]:
    assert languages is not None  # noqa: S101 - as for dates
    yield Finding("negation_lost", FLAGS["negation_lost"], None, negation.place(source, languages[0]))


def _length(source: str, translation: str, languages: Languages) -> Iterator[Finding]:
    size, expected = len(translation.strip()), ""
    if languages and (learned := length_range(*languages)):
        least, most = learned.bounds(len(source.strip()))
        expected = f"; between {least} and {most} are usual"
    detail = f"{size} characters for {len(source.strip())} of the source{expected}."
    yield Finding("length_unusual", detail, (0, len(translation)))


def _foreign(_source: str, translation: str, languages: Languages) -> Iterator[Finding]:
    if languages and (other := foreign.written_in(Glance(translation), languages[1])):
        yield Finding("language_unexpected", _in_language(other), (0, len(translation)))


def _repetition(_source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    found = [(translation[start:end].lower(), start, end) for start, end in spans(translation)]
    for size in range(1, len(found) // 2 + 1):
        for first in range(len(found) - 2 * size + 1):
            again = [word for word, _, _ in found[first + size : first + 2 * size]]
            if [word for word, _, _ in found[first : first + size]] == again and (
                size > 2 or _thrice(found, first, size)
            ):
                place = (found[first + size][1], found[first + 2 * size - 1][2])
                yield Finding("repetition", "This stands there again.", place)
                return


def _thrice(found: list[tuple[str, int, int]], first: int, size: int) -> bool:
    return [word for word, _, _ in found[first : first + size]] == [
        word for word, _, _ in found[first + 2 * size : first + 3 * size]
    ]


def _end(_source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    end = len(translation.rstrip())
    yield Finding("ends_early", FLAGS["ends_early"], (max(0, end - 1), end))


def _sentence(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    here, there = sentences.count(source), sentences.count(translation)
    detail = (
        f"Sentences of the source: {here}; of the translation, which is shorter by about as much: {there}."
    )
    yield Finding("sentence_lost", detail, (0, len(translation)))


def _copied(_source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    yield Finding("source_copied", FLAGS["source_copied"], (0, len(translation)))


def _emoji_places(text: str) -> Places:
    return _matches(EMOJI.finditer(text))


def _compared(kind: str, texts: tuple[str, str], places: Callable[[str], Places]) -> Iterator[Finding]:
    source, translation = texts
    here, there = places(source), places(translation)
    missing, extra = _counted(here) - _counted(there), _counted(there) - _counted(here)
    yield from _missing(kind, missing, source, here)
    yield from _extra(kind, extra, translation, there)


def _missing(kind: str, values: Counter[str], source: str, places: Places) -> Iterator[Finding]:
    """`values` that only the source has."""
    for value, place in _last(places, values):
        yield Finding(kind, _unequal_here(_written(source, place, value)), None, place)


def _extra(kind: str, values: Counter[str], translation: str, places: Places) -> Iterator[Finding]:
    for value, place in _last(places, values):
        yield Finding(kind, _unequal_there(_written(translation, place, value)), place)


def _unequal_here(written: str) -> str:
    return f"{written} of the source has no equal in the translation."


def _unequal_there(written: str) -> str:
    return f"{written} has no equal in the source."


def _last(places: Places, values: Counter[str]) -> Iterator[tuple[str, Span | None]]:
    for value, count in values.items():
        known: Sequence[Span | None] = places.get(value, [])[-count:]
        yield from ((value, place) for place in known or [None])


def _written(text: str, place: Span | None, value: str) -> str:
    return _shown(text[slice(*place)] if place else value)


def _counted(places: Places) -> Counter[str]:
    return Counter({value: len(found) for value, found in places.items()})


def _matches(found: Iterator[re.Match[str]]) -> Places:
    places: dict[str, list[Span]] = {}
    for match in found:
        places.setdefault(match[0], []).append(match.span())
    return places


def _shown(value: str) -> str:
    return value if value.isprintable() else ascii(value)[1:-1]


def _in_language(code: str) -> str:
    return f"It seems to be written in {code}."


_OF_FIGURES: Mapping[str, Callable[[Figures, Languages], list[Finding]]] = {
    "dates_differ": _dates,
    "identifiers_differ": _identifiers,
    "numbers_differ": _numbers,
    "symbol_lost": _symbols,
    "units_differ": _units,
}
_EXPLAINED: Mapping[str, Callable[[str, str, Languages], Iterator[Finding]]] = {
    "currencies_differ": _currencies,
    "emoji_differ": _emoji,
    "ends_early": _end,
    "language_unexpected": _foreign,
    "length_unusual": _length,
    "negation_lost": _negation,
    "repetition": _repetition,
    "sentence_lost": _sentence,
    "source_copied": _copied,
}

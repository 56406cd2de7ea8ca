"""The doubts of app.fidelity.checks with what is wrong and where: for a person, and only for what was flagged."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.emoji import EMOJI
from app.fidelity import calendar, foreign, negation, sentences
from app.fidelity.checks import SYMBOL, check, symbols
from app.fidelity.glance import words
from app.fidelity.kinds import FLAGS
from app.fidelity.languages import length_range, spans
from app.marks import currency_signs
from app.numerals import numbers, unequal
from app.verbatim import codes, exact

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
    source: str, translation: str, *, languages: Languages = None, detected: str | None = None
) -> tuple[Finding, ...]:
    """Every flag that `check` raises, explained. `detected`: the language that the translation surely is in."""
    found: list[Finding] = []
    for kind in check(source, translation, languages=languages):
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


def _numbers(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    values = unequal(source, translation)
    yield from _one_sided("numbers_differ", values, (source, translation), _number_places)


def _number_places(text: str) -> Places:
    places: dict[str, list[Span]] = {}
    for number in numbers(text):
        for name in {number.value, number.digits, text[number.start : number.end]}:
            places.setdefault(name, []).append((number.start, number.end))
    return places


def _identifiers(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    yield from _compared("identifiers_differ", (source, translation), _identifier_places)


def _identifier_places(text: str) -> Places:
    places: dict[str, list[Span]] = {}
    for start, end in exact(text):
        places.setdefault(text[start:end], []).append((start, end))
    for start, end in codes(text):
        places.setdefault(text[start:end].casefold(), []).append((start, end))
    return places


def _emoji(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    yield from _compared("emoji_differ", (source, translation), _emoji_places)


def _currencies(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    here, there = currency_signs(source), currency_signs(translation)
    for kind, places in here.items():
        if len(places) > len(there.get(kind, [])):
            yield Finding("currencies_differ", f"{kind} of the source is missing.", None, places[-1])
    for kind, places in there.items():
        if len(places) > len(here.get(kind, [])):
            yield Finding("currencies_differ", f"{kind} is not in the source.", places[-1])


def _symbols(source: str, translation: str, _languages: Languages) -> Iterator[Finding]:
    lost, places = symbols(source) - symbols(translation), _matches(SYMBOL.finditer(source))
    for sign, count in lost.items():
        for place in places.get(sign, [])[-count:]:
            yield Finding("symbol_lost", f"{_shown(sign)} of the source is missing.", None, place)


def _dates(source: str, translation: str, languages: Languages) -> Iterator[Finding]:
    assert languages is not None  # noqa: S101 - dates are compared only between languages
    here, there = calendar.names(source, languages[0]), calendar.names(translation, languages[1])
    for name in calendar.unmatched(here, there, translation):
        written = source[name.start : name.end]
        yield Finding(
            "dates_differ", f"{written} has no equal in the translation.", None, (name.start, name.end)
        )
    for name in calendar.unmatched(there, here, source):
        written = translation[name.start : name.end]
        yield Finding("dates_differ", f"{written} has no equal in the source.", (name.start, name.end))


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
    if languages and (other := foreign.written_in(translation, languages[1], words=words(translation))):
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
    here, there = map(_counted, map(places, texts))
    yield from _one_sided(kind, (here - there, there - here), texts, places)


def _one_sided(
    kind: str,
    values: tuple[Counter[str], Counter[str]],
    texts: tuple[str, str],
    places: Callable[[str], Places],
) -> Iterator[Finding]:
    """`values`: what only the source has, and what only the translation has."""
    (missing, extra), (source, translation) = values, texts
    for value, place in _last(places(source), missing):
        written = _written(source, place, value)
        yield Finding(kind, f"{written} of the source has no equal in the translation.", None, place)
    for value, place in _last(places(translation), extra):
        yield Finding(kind, f"{_written(translation, place, value)} has no equal in the source.", place)


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


_EXPLAINED: Mapping[str, Callable[[str, str, Languages], Iterator[Finding]]] = {
    "currencies_differ": _currencies,
    "dates_differ": _dates,
    "emoji_differ": _emoji,
    "ends_early": _end,
    "identifiers_differ": _identifiers,
    "language_unexpected": _foreign,
    "length_unusual": _length,
    "negation_lost": _negation,
    "numbers_differ": _numbers,
    "repetition": _repetition,
    "sentence_lost": _sentence,
    "source_copied": _copied,
    "symbol_lost": _symbols,
}

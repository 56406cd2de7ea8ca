"""Months and days of the week, compared by name across languages."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# January to December, then Monday to Sunday; alternatives after a slash. As in the CLDR's wide and short formats.
_NAMES: Mapping[str, str] = {
    "de": (
        "januar/jänner/jan februar/feb märz april/apr mai juni juli august/aug september/sept oktober/okt november/nov"
        " dezember/dez montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag"
    ),
    "en": (
        "january/jan february/feb march april/apr may june july august/aug september/sept october/oct november/nov"
        " december/dec monday tuesday/tues wednesday thursday/thurs friday saturday sunday"
    ),
    "es": (
        "enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre"
        " lunes martes miércoles jueves viernes sábado domingo"
    ),
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
        " lundi mardi mercredi jeudi vendredi samedi dimanche"
    ),
    "it": (
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
        " lunedì martedì mercoledì giovedì venerdì sabato domenica"
    ),
    "nl": (
        "januari/jan februari/feb maart april/apr mei juni juli augustus/aug september/sept oktober/okt november/nov"
        " december/dec maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
    ),
    "pl": (
        "stycznia/styczeń/styczniu lutego/luty/lutym marca/marzec/marcu kwietnia/kwiecień/kwietniu maja/maj/maju"
        " czerwca/czerwiec/czerwcu lipca/lipiec/lipcu sierpnia/sierpień/sierpniu września/wrzesień/wrześniu"
        " października/październik/październiku listopada/listopad/listopadzie grudnia/grudzień/grudniu"
        " poniedziałek wtorek środa/środę czwartek piątek sobota/sobotę niedziela/niedzielę"
    ),
    "pt": (
        "janeiro/jan fevereiro/fev março abril/abr maio junho julho agosto/ago setembro/set outubro/out novembro/nov"
        " dezembro/dez segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"
    ),
    "ro": (
        "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie"
        " luni marți/marţi miercuri joi vineri sâmbătă duminică/duminica"
    ),
}
# Also other words of the language: they agree with a name on the other side and never ask for one.
_DOUBTFUL = frozenset(
    [
        "jan",
        "feb",
        "fev",
        "märz",
        "march",
        "may",
        "mars",
        "mai",
        "mei",
        "maj",
        "maju",
        "aug",
        "ago",
        "abr",
        "apr",
        "set",
        "out",
        "okt",
        "oct",
        "nov",
        "dec",
        "dez",
        "sept",
        "tues",
        "thurs",
        "marzo",
        "martes",
        "martie",
        "domingo",
        "domenica",
        "sábado",
        "sabato",
        "luni",
        "joi",
        "luty",
        "maart",
        "august",
        "augustus",
    ]
)
_KELVIN = "\u212a"
"""Its small letter is k."""
_DAYS_ALONE = "segunda/terça/quarta/quinta/sexta"
"""Portuguese weekdays in speech; ordinals too."""


@dataclass(frozen=True, slots=True)
class Name:
    number: int
    """Months 1 to 12, days of the week 13 to 19."""
    start: int
    end: int
    sure: bool


@dataclass(frozen=True, slots=True)
class _Calendar:
    pattern: re.Pattern[str]
    numbers: Mapping[str, int]
    heads: frozenset[str]
    """First words of the names."""
    sure: frozenset[str]
    """Of those that need no figure before them."""


def _calendar(names: str) -> _Calendar:
    numbers = {name: place for place, group in enumerate(names.split(), 1) for name in group.split("/")}
    if "terça-feira" in numbers:
        numbers |= {name: 13 + day for day, name in enumerate(_DAYS_ALONE.split("/"))}
    numbers |= {_plural(name): number for name, number in numbers.items()}
    heads = frozenset(name.partition("-")[0] for name in numbers)
    doubtful = _DOUBTFUL | set(_DAYS_ALONE.split("/"))
    sure = frozenset(name.partition("-")[0] for name in numbers if name not in doubtful)
    return _Calendar(_pattern(numbers), numbers, heads, sure)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """One branch for each letter that begins a name: a search skips all others, for which it must know the case."""
    branches = (
        rf"{first}(?<!\w.)(?i:{rests})"
        for letter, rests in by_first(names).items()
        for first in (letter, letter.upper(), *(_KELVIN if letter == "k" else ""))
    )
    return re.compile(rf"(?:{'|'.join(branches)})\b")


def by_first(names: Iterable[str]) -> Mapping[str, str]:
    """Their first letters, and a pattern of what follows each in one of them, the longest first."""
    rests: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=len, reverse=True):
        rests[name[0]].append(name[1:])
    return {letter: "|".join(group) for letter, group in rests.items()}


def _plural(name: str) -> str:
    return "-".join(f"{part}s" for part in name.split("-"))


# In front of a year or a day, shorter forms are months, too.
_SHORT = (
    "jan/ene/janv/gen feb/fev/févr/fév mar/mär/mrz apr/abr/avr may/mai/mag/mei jun/giu jul/juil/lug"
    " aug/ago/sierp sep/sept/set oct/okt/out/ott nov dec/dez/dic/déc"
)
MONTHS: Mapping[str, int] = {
    name: number
    for names in (*_NAMES.values(), _SHORT)
    for number, group in enumerate(names.split()[:12], 1)
    for name in group.split("/")
}
"""Of all languages that are known; no name is two months."""

_CALENDARS = {language: _calendar(names) for language, names in _NAMES.items()}
_BEFORE = re.compile(r"(?:\d(?:st|nd|rd|th|er|[.ºª])?|\d(?:st|nd|rd|th)? of|\d\.?[ºª]? de)\s$", re.IGNORECASE)
_NUMERIC = re.compile(r"(?<![\d.,])(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{1,2}/\d{1,2})(?![\d.,]?\d)|\d月")


def names(text: str, language: str) -> list[Name]:
    calendar = _CALENDARS.get(language)
    if calendar is None:
        return []
    return [
        Name(number, *match.span(), sure=_sure(text, match))
        for match in calendar.pattern.finditer(text)
        # None for letters that only a pattern takes for others, as in APRİL.
        if (number := calendar.numbers.get(match[0].lower()))
    ]


def unequal(source: str, translation: str, languages: tuple[str, str]) -> tuple[list[Name], list[Name]]:
    """The sure names of each side that the other lacks; none where those of one language are not known."""
    if not all(map(known, languages)):
        return [], []
    here, there = names(source, languages[0]), names(translation, languages[1])
    return _unmatched(here, there, translation), _unmatched(there, here, source)


def _unmatched(here: list[Name], there: list[Name], other: str) -> list[Name]:
    """Of `here`, the sure names that `there` lacks; dates in figures on the other side answer for all."""
    numbers = {name.number for name in there}
    found = [name for name in here if name.sure and name.number not in numbers]
    return [] if found and _NUMERIC.search(other) else found


def heads(language: str | None, *, sure: bool = False) -> frozenset[str]:
    """First words of all names, or of those without a second sense, in small letters; none for a language not known."""
    calendar = _CALENDARS.get(language or "")
    if calendar is None:
        return frozenset()
    return calendar.sure if sure else calendar.heads


def known(language: str) -> bool:
    return language in _CALENDARS


def _sure(text: str, match: re.Match[str]) -> bool:
    word = match[0].lower().removesuffix("s")
    if word in _DAYS_ALONE.split("/"):
        return False
    if match[0].lower() not in _DOUBTFUL and word not in _DOUBTFUL:
        return True
    return _BEFORE.search(text[max(0, match.start() - 8) : match.start()]) is not None

"""Dates in figures (13/05/2024, 2024-05-13) against dates in figures or with the month's name, in any order.

English is read day first, as in Britain, where it says nothing to the contrary: a region that puts the month first
(en-US), or another date of the text that only makes sense that way. Against a month's name both readings will do.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from app.fidelity.calendar import MONTHS, by_first, known
from app.fidelity.pairing import twins
from app.segmentation import Segment, join, united

_MONTH = "|".join(f"{letter}(?:{rests})" for letter, rests in by_first(MONTHS).items())
_NUMERIC = re.compile(
    r"(?<![\w/.,])(?:(?P<iso>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?:T(?=\d)|\b)"
    r"|(?P<first>\d{1,2})(?:(?P<sign>[-/.])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})|/(?P<last>\d{1,2})))"
    r"(?!(?<!T)\w|/|[-.,]\d)"
    r"|(?P<year2>\d{4}) ?[年년] ?(?P<month2>\d{1,2}) ?[月월] ?(?P<day2>\d{1,2}) ?[日일号號]"
)
# What it needs; most texts with figures have none.
_MAYBE_NUMERIC = re.compile(r"[\d年년](?:(?<![0-9])|[-/.][0-9])")
_WRITTEN = re.compile(
    r"(?<![\w/.,-])(?:(?P<day>\d{1,2})(?:st|nd|rd|th|er|[.ºª°]|\.[ºª])?(?: of| de| d'| di)? ?"
    rf"(?P<month>{_MONTH})\b\.?(?:,? (?:de |del |of )?(?P<year>\d{{4}})(?!\d))?"
    rf"|(?P<month2>{_MONTH})\b\.? (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\w)(?:,? (?P<year2>\d{{4}})(?!\d))?)",
    re.IGNORECASE,
)
# A month whose name is not known: a day, a word or two, a year.
_OPAQUE = re.compile(
    r"(?<![\w/.,-])(?P<day>\d{1,2})[.ºª]?(?: de)? (?P<month>[^\W\d_]{3,}) (?:de )?(?P<year>\d{4})(?!\d)"
)


FILLER = "·"
"""No part of a number, no sign that is compared, and no space: an address that holds a date stays one."""
_MONTHS, _DAYS, _CENTURY = 12, 31, 100
_MONTH_FIRST = frozenset({"US", "PH"})
"""Regions of English, as in the CLDR."""


class Order(Enum):
    """How a language writes dates in figures."""

    DAY_FIRST = "the day first"
    MONTH_FIRST = "the month first"
    EITHER = "the day first as a rule"


@dataclass(frozen=True, slots=True)
class Date:
    start: int
    end: int
    year: int | None
    readings: tuple[tuple[int, int], ...]
    """Month and day, the likeliest first; none in front of a month whose name is not known."""
    written: bool
    """With the month's name."""


_Sign = tuple[bool, bool, tuple[int, int], str, int]
"""Whether who asks has the month's name, whether this is its likeliest reading, that, and how much of a year."""


@dataclass(frozen=True, slots=True)
class Compared:
    source: str
    """Without the dates that agree: FILLER stands in their places."""
    translation: str
    missing: tuple[Date, ...] = ()
    extra: tuple[Date, ...] = ()

    @property
    def differ(self) -> bool:
        return bool(self.missing or self.extra)


def order(language: str | None, *, region: str | None = None) -> Order:
    """Of a language, normalised, and its region in capitals where it was named."""
    if language not in ("en", None):
        return Order.DAY_FIRST
    if region is None:
        return Order.EITHER
    return Order.MONTH_FIRST if region in _MONTH_FIRST else Order.DAY_FIRST


def compare(
    source: str, translation: str, *, languages: tuple[str, str] | None, orders: tuple[Order, Order]
) -> Compared:
    here, there = _numeric(source, orders[0]), _numeric(translation, orders[1])
    if not (here or there):
        return Compared(source, translation)
    here += written(source, languages and languages[0])
    there += written(translation, languages and languages[1])
    pairs, missing, extra = _paired(here, there)
    alike = [pair for pair in pairs if _same_year(*pair)]
    if not _telling(missing, extra):
        missing, extra = [], []
    return Compared(
        _blanked(source, [date for date, _ in alike]),
        _blanked(translation, [date for _, date in alike]),
        tuple(missing),
        tuple(extra),
    )


def _numeric(text: str, order: Order) -> list[Date]:
    if not _MAYBE_NUMERIC.search(text):
        return []
    found = list(_NUMERIC.finditer(text))
    if order is Order.EITHER and any(int(match["second"] or 0) > _MONTHS for match in found):
        order = Order.MONTH_FIRST
    return [date for match in found if (date := _read(match, order)).readings]


def _read(match: re.Match[str], order: Order) -> Date:
    year = match["iso"] or match["year"] or match["year2"]
    month, day = match["month"] or match["month2"], match["day"] or match["day2"]
    if month and day:
        orders: tuple[tuple[str, str], ...] = ((month, day),)
    else:
        first, second = match["first"], match["second"] or match["last"]
        orders = ((second, first), (first, second))
        if order is Order.MONTH_FIRST:
            orders = orders[::-1]
        # What makes no sense one way is read the other; only English without a region may be either.
        if order is not Order.EITHER and _is_date(*map(int, orders[0])):
            orders = orders[:1]
    readings = tuple((int(m), int(d)) for m, d in orders if _is_date(int(m), int(d)))
    return Date(*match.span(), int(year) if year else None, readings, written=False)


def _is_date(month: int, day: int) -> bool:
    return 1 <= month <= _MONTHS and 1 <= day <= _DAYS


def changed(text: str, language: str | None, values: Collection[str]) -> tuple[Date, ...]:
    """Dates with the month's name of which the day or the year is among `values`, which the other side lacks."""
    return tuple(
        date
        for date in written(text, language)
        if str(date.readings[0][1]) in values or str(date.year) in values
    )


def written(text: str, language: str | None) -> list[Date]:
    found = [
        Date(
            *match.span(),
            int(match["year"] or match["year2"] or 0) or None,
            ((month, int(match["day"] or match["day2"])),),
            written=True,
        )
        for match in _WRITTEN.finditer(text)
        if (month := MONTHS.get((match["month"] or match["month2"]).lower()))
    ]
    if found or (language and known(language)):
        return found
    return [
        Date(
            *match.span(),
            int(match["year"]),
            tuple((month, int(match["day"])) for month in range(1, _MONTHS + 1)),
            written=True,
        )
        for match in _OPAQUE.finditer(text)
    ]


def _paired(
    here: Sequence[Date], there: Sequence[Date]
) -> tuple[list[tuple[Date, Date]], list[Date], list[Date]]:
    """Dates that agree, those that only `here` has and those that only `there` has."""
    found = list(zip(here, twins(map(_asked_for, here), map(_known_by, there)), strict=True))
    pairs = [(date, there[twin]) for date, twin in found if twin is not None]
    missing = [date for date, twin in found if twin is None]
    paired = {twin for _, twin in found}
    return pairs, missing, [date for place, date in enumerate(there) if place not in paired]


def _known_by(date: Date) -> Iterator[_Sign]:
    """What a date that agrees with it asks for: the likeliest reading of its own kind, any of the other."""
    if date.year is None:
        years = [("any", 0), ("none", 0)]
    else:
        exact = ("year", date.year) if date.year >= _CENTURY else ("two digits", date.year)
        years = [("any", 0), ("ends in", date.year % _CENTURY), exact]
    asked = [(date.written, True, date.readings[0])]
    asked += [
        (not date.written, likeliest, reading) for reading in date.readings for likeliest in (True, False)
    ]
    yield from ((*each, *year) for each in asked for year in years)


def _asked_for(date: Date) -> Iterator[_Sign]:
    if date.year is None:
        years = [("none", 0), ("any", 0)]
    elif date.year < _CENTURY:
        years = [("ends in", date.year), ("none", 0)]
    else:
        years = [("year", date.year), ("two digits", date.year % _CENTURY), ("none", 0)]
    for number, reading in enumerate(date.readings):
        yield from ((date.written, number == 0, reading, *year) for year in years)


def _same_year(one: Date, other: Date) -> bool:
    return (one.year is None) == (other.year is None)


def _telling(missing: Sequence[Date], extra: Sequence[Date]) -> bool:
    """Not what calendar.py compares by name, nor 24/7 and 1/2 without another of its kind."""
    numeric = [date for date in (*missing, *extra) if not date.written]
    return bool(missing and extra and numeric) or any(date.year for date in numeric)


def _blanked(text: str, places: Sequence[Date]) -> str:
    return blanked(text, [(date.start, date.end) for date in places])


def blanked(text: str, places: Iterable[tuple[int, int]]) -> str:
    """With FILLER in these places."""
    ordered = united(Segment(*place) for place in places)
    return join(text, ordered, [FILLER * (place.end - place.start) for place in ordered])

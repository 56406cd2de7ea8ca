# ruff: noqa: RUF001 - apostrophes and spaces that group digits
"""What numbers one text has and the other has not."""

import re
from collections import Counter
from collections.abc import Sequence

from app.numerals.clock import LATE, half_day, plain
from app.numerals.malformed import malformed
from app.numerals.order import Differences, digit_runs, disordered, runs
from app.numerals.reading import DIGITS, NUMBER, Numbered, is_sum, scale, scaled, short
from app.numerals.wording import spelt_out

# Thousands and decimals, hours, scales and what is joined: what takes more than a look at the digits.
_MARKED = re.compile(
    r"\d(?:(?<![0-9])|[.,:hH/'’ \xa0\u2009\u202f–-][0-9]|\s?[ap]\.?\s?m\b"
    r"|[ \xa0\u202f]?(?:thousand|mi[lo]|bi|tri|mr?[dl]|duizend|tausend|ty|т[иы]|хил|м[иі]|horas|da |[kmbt]n?\b))",
    re.IGNORECASE,
)
# "5m people" may be five million, and a run of 5k is 5 km.
_MAYBE_SCALED = re.compile(r"\s?(?:k|m|mi|b)\b", re.IGNORECASE)
_MAYBE = (3, 6, 9)
_DECADE = re.compile(r"\d0['’]?s\b|\b(?:anos|décadas?)\b", re.IGNORECASE)


def unequal(source: Numbered, translation: Numbered) -> Differences:
    """Values that only the source has, and values that only the translation has."""
    if _plainly_equal(source.text, translation.text):
        return Counter(), Counter()
    here, there = malformed(source.text), malformed(translation.text)
    if sorted(here) != sorted(there):
        return _differences(here, there)
    source, translation = source.now(plain(source.text)), translation.now(plain(translation.text))
    here, there = _values(source), _values(translation)
    if sorted(here) == sorted(there):
        return disordered(runs(source), runs(translation))
    if _same_figures(source, translation):
        return disordered(digit_runs(source.text), digit_runs(translation.text))
    missing, extra = _differences(here, there)
    return _unaccounted(missing, extra, source.text, translation.text)


def _differences(here: Sequence[str], there: Sequence[str]) -> Differences:
    ours, theirs = Counter(here), Counter(there)
    return ours - theirs, theirs - ours


def _unaccounted(missing: Counter[str], extra: Counter[str], source: str, translation: str) -> Differences:
    _pair_off(missing, extra, source, translation)
    _pair_scaled(missing, extra, source, translation)
    return (
        Counter(
            {value: count for value, count in missing.items() if not spelt_out(value, translation, source)}
        ),
        Counter(
            {value: count for value, count in extra.items() if not spelt_out(value, source, translation)}
        ),
    )


def figures(text: Numbered) -> set[str]:
    """Every value that the text has in figures, and every run of digits by itself."""
    text = text.now(plain(text.text))
    return {*_values(text), *_groups(text.text)}


def _plainly_equal(source: str, translation: str) -> bool:
    """The same runs of digits, and nothing beside them that could make them say something else."""
    if sorted(DIGITS.findall(source)) != sorted(DIGITS.findall(translation)):
        return False
    return not (_MARKED.search(source) or _MARKED.search(translation))


def _same_figures(source: Numbered, translation: Numbered) -> bool:
    """The same digits, though not as the same numbers: "20 to 30 million" is "20 million to 30 million"."""
    here, there = _scales(source), _scales(translation)
    return here == there and len(here) < 2 and _groups(source.text) == _groups(translation.text)


def _values(text: Numbered) -> list[str]:
    return [number.value for number in text.numbers]


def _groups(text: str) -> Counter[str]:
    """Runs of digits: what is left of a date or a time written with other marks."""
    return Counter(short(digits) for digits in DIGITS.findall(text))


def _scales(text: Numbered) -> set[int]:
    return {number.power for number in text.numbers if number.power}


def _pair_off(missing: Counter[str], extra: Counter[str], source: str, translation: str) -> None:
    """Takes out pairs that say the same: 8 in the evening and 20, the 1960s and the sixties in digits."""
    both = f"{source}\n{translation}"
    # The patterns are dear; asked only where a pair depends on them.
    kinds = [
        twins_of
        for pattern, twins_of in ((LATE, half_day), (_DECADE, _other_centuries))
        if not all(extra.keys().isdisjoint(twins_of(value)) for value in missing) and pattern.search(both)
    ]
    for value in list(missing) if kinds else ():
        twins = {twin for twins_of in kinds for twin in twins_of(value) if twin in extra}
        if twins:
            del missing[value], extra[min(twins)]


def _pair_scaled(missing: Counter[str], extra: Counter[str], source: str, translation: str) -> None:
    for own, other, text in ((missing, extra, source), (extra, missing, translation)):
        if not (own and other):
            continue
        for match in NUMBER.finditer(text):
            if not _MAYBE_SCALED.match(text, match.end()) or is_sum(match, text):
                continue
            read, figure = scaled(match, scale(match, text)[0]), scaled(match, 0)
            for twin in {figure, *(scaled(match, power) for power in _MAYBE)} - {read}:
                if read in own and twin in other:
                    del own[read], other[twin]


def _other_centuries(value: str) -> set[str]:
    return {value[2:], f"19{value}", f"20{value}"}

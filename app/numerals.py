# ruff: noqa: RUF001 - apostrophes and spaces that group digits
"""Numbers as they are written, read so that locales compare equal: 1.700,50 is 1,700.50 and 14h35 is 2:35 p.m.

Lenient where languages differ (number words, Roman centuries, decades, clock, scale) and strict in the digits.
Words are known in English and Portuguese; number words from one to twelve.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# Patterns of this module that are tried on every text with figures begin with what they need, a digit, and look back
# after it: a search skips what cannot begin a match only where no condition comes before that.
_NUMBER = re.compile(
    r"\d(?:(?!(?<=0)[.,])\d{0,2}(?P<sep>[.,'’ \xa0\u2009\u202f])\d{3}(?:(?P=sep)\d{3})*(?!\d)(?:[.,](?P<rest>\d+))?"
    r"|\d*(?:[.,](?P<part>\d+)(?![.,]?\d))?)"
)
_DIGITS = re.compile(r"[0-9]+")
# One mark for thousands and decimals, 2.500.00: what a model makes of 2,500.00.
_MALFORMED = re.compile(
    r"\d(?<![\d.,]\d)\d{0,2}(?P<sep>[.,])\d{3}(?:(?P=sep)\d{3})*(?P=sep)\d{1,2}(?!\d|[.,]\d)"
)
# What has an order of its own: 020 7946-0958, 14:35, 3-1, 120/80.
_JOINT = re.compile(r"[:hH/–-]|[ .\xa0]|\)? ?[-(]? ?")
_PARTED = re.compile(r"\d+(?:(?:[:.,hH/'’–-]|[\xa0\u2009\u202f]|\)? ?[-(]? ?)\d+)*")
_LEAST_SPACED = 7
"""Digits, so that it is no year beside a number."""
# Thousands and decimals, hours, scales and what is joined: what takes more than a look at the digits.
_MARKED = re.compile(
    r"\d(?:(?<![0-9])|[.,:hH/'’ \xa0\u2009\u202f–-][0-9]|\s?[ap]\.?\s?m\b"
    r"|[ \xa0\u202f]?(?:thousand|mi[lo]|bi|tri|mr?[dl]|duizend|tausend|ty|т[иы]|хил|м[иі]|horas|da |[kmbt]n?\b))",
    re.IGNORECASE,
)
_FOREIGN_DIGIT = re.compile(r"\d(?<![0-9])")
# Of nine European languages; "billion" is the English one, "billón" and "bilião" are a thousand times more.
_SCALE = re.compile(
    r"[ \xa0\u202f]?(?:(?P<p3>thousand|mil\b(?! mil[hl])|mila\b|mille\b|tausend|duizend|tys\.|tysi[ąę]\w+"
    r"|тыс\w*|хил(?:яди|\.)|тис\w*)"
    r"|(?P<p6>millions?\b|milh(?:ões|ão)|mill(?:ones|ón)|millionen\b|mio\b|milion[ei]?\b|milioane\b|milion(?:y|ów)\b|mln\b"
    r"|miljoen|милл?ион\w*|мільйон\w*|млн)"
    r"|(?P<p9>billions?\b|mil mil(?:h(?:ões|ão)|lones)|bilh(?:ões|ão)|milliards?\b|milliarden?\b|mrd\b|mld\b|miliard\w*"
    r"|miljard|мил?лиард\w*|мільярд\w*|млрд)"
    r"|(?P<p12>trillions?\b|trilh(?:ões|ão)|bili(?:ões|ão)|bill(?:ones|ón)|billionen\b))",
    re.IGNORECASE,
)
# "1.2bn", "3k", and what says a scale only beside a currency: "£5m" is five million, "100m" a hundred metres.
_COMPACT = re.compile(
    r"(?:(?P<p9>bn)|(?P<p12>tn)|(?P<p6>mn)|(?P<p3>k)|[ \xa0\u202f]?(?P<sum>[mkMKbB]|mi|bi|tri|M[di]))(?!\w)"
)
_SPACES = " \xa0\u202f"
_FIRST = "bdkmtхмтBDKMTХМТ"
"""Letters with which a scale begins."""
_POWERS = {"k": "p3", "m": "p6", "mi": "p6", "b": "p9", "bi": "p9", "md": "p9", "tri": "p12"}
_SUM = r"[$£€¥\u20a0-\u20cf]|(?:GBP|EUR|USD|BRL)"
_OF_SUM = re.compile(rf"(?:{_SUM})[ \xa0\u202f]?$")
_SUM_AFTER = re.compile(rf"[ \xa0\u202f]?(?:{_SUM})")
_LONGEST_SUM = 4
# "5m people" may be five million, and a run of 5k is 5 km.
_MAYBE_SCALED = re.compile(r"\s?(?:k|m|mi|b)\b", re.IGNORECASE)
_MAYBE = (3, 6, 9)

_NOT_IN_NUMBER = r"(?<!\d)(?<!\d[.,:])"
_AFTERNOON = re.compile(
    rf"{_NOT_IN_NUMBER}(\d{{1,2}})((?:[:.h]\d{{2}})?\s?)(?:p\.?\s?m\b\.?|(?:horas )?da (?:tarde|noite)\b)",
    re.IGNORECASE,
)
# One "pm" for two hours.
_BOTH_AFTERNOON = re.compile(
    rf"{_NOT_IN_NUMBER}(\d{{1,2}})((?:[:.h]\d{{2}})? ?(?:-|–|to|and|until|a|e|às) ?)(\d{{1,2}})"
    r"(?=(?:[:.h]\d{2})?\s?p\.?\s?m\b)",
    re.IGNORECASE,
)
_MIDNIGHT = re.compile(rf"{_NOT_IN_NUMBER}12(?=(?:[:.h]\d{{2}})?\s?a\.?\s?m\b)", re.IGNORECASE)
_TWELVE_NOON = re.compile(r"\b12 (?=noon\b|midday\b)", re.IGNORECASE)
_FULL_HOUR = re.compile(r"(?<![\d:])(\d{1,2})[:hH]00(?![:\d])")
_OF_DAY = re.compile(
    r"[0-9][:hH]00|[0-9]\s?(?:[ap]\.?\s?m\b|(?:horas )?da (?:tarde|noite)|noon\b|midday\b)", re.IGNORECASE
)
"""What any of the patterns above needs."""
_LATE = re.compile(
    r"\bp\.?\s?m\b|afternoon|evening|night|midday|noon|tarde|noite|meio-dia|\b(?:1[3-9]|2[0-3])[h:]",
    re.IGNORECASE,
)
_DECADE = re.compile(r"\d0['’]?s\b|\b(?:anos|décadas?)\b", re.IGNORECASE)

_WORDS = (
    (1, "one|first|once|um|uma|primeir[oa]s?"),
    (2, "two|second|twice|both|dois|duas|ambos|ambas|segund[oa]s?"),
    (3, "three|third|três|tres|terceir[oa]s?"),
    (4, "four|fourth|quatro|quart[oa]s?"),
    (5, "five|fifth|cinco|quint[oa]s?"),
    (6, "six|sixth|seis|sext[oa]s?"),
    (7, "seven|seventh|sete|sétim[oa]s?"),
    (8, "eight|eighth|oito|oitav[oa]s?"),
    (9, "nine|ninth|nove|non[oa]s?"),
    (10, "ten|tenth|dez|décim[oa]s?"),
    (11, "eleven|eleventh|onze"),
    (12, "twelve|twelfth|dozen|noon|midday|doze|dúzia|meio-dia"),
    (0, "zero|midnight|meia-noite"),
    (15, "quarter|um quarto"),
    (30, "half past|e meia"),
    (100, "hundred|cem|cento"),
    (1000, "thousand|mil"),
    (1000000, "million|milhão"),
)
_WORDED = {str(number): re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for number, words in _WORDS}
_ROMAN = ((40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


_Run = tuple[list[str], str]
_Differences = tuple[Counter[str], Counter[str]]


@dataclass(frozen=True, slots=True)
class Number:
    """A number where it stands: half-open range of its digits."""

    start: int
    end: int
    reach: int
    """End of the scale word that follows (5 million), else `end`."""
    value: str
    digits: str
    """The value without the scale word."""
    power: int
    """Of ten, by which the scale word multiplies it."""


class Numbered:
    """A text with its numbers, which are looked for once, and only when somebody asks."""

    __slots__ = ("_numbers", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._numbers: Sequence[Number] | None = None

    @property
    def numbers(self) -> Sequence[Number]:
        if self._numbers is None:
            self._numbers = numbers(self.text)
        return self._numbers

    def now(self, text: str) -> "Numbered":
        """The same where the text is, so that nothing is looked for again."""
        return self if text == self.text else Numbered(text)


def numbers(text: str) -> list[Number]:
    found: list[Number] = []
    for match in _NUMBER.finditer(text):
        power, reach = _scale(match, text)
        plain = _scaled(match, 0)
        value = _scaled(match, power) if power else plain
        found.append(Number(match.start(), match.end(), reach, value, plain, power))
    return found


def restore_figures(source: str, translation: str) -> str:
    """Figures that the translation writes with one mark in two roles, as the source writes them."""
    if not _MALFORMED.search(translation):
        return translation
    written: defaultdict[str, set[str]] = defaultdict(set)
    for match in _NUMBER.finditer(source):
        written[_bare(match[0])].add(match[0])

    def restored(match: re.Match[str]) -> str:
        twins = written[_bare(match[0])]
        return next(iter(twins)) if len(twins) == 1 else match[0]

    return _MALFORMED.sub(restored, translation)


def unequal(source: Numbered, translation: Numbered) -> _Differences:
    """Values that only the source has, and values that only the translation has."""
    if _plainly_equal(source.text, translation.text):
        return Counter(), Counter()
    here, there = _malformed(source.text), _malformed(translation.text)
    if sorted(here) != sorted(there):
        return _differences(here, there)
    source, translation = source.now(_plain(source.text)), translation.now(_plain(translation.text))
    here, there = _values(source), _values(translation)
    if sorted(here) == sorted(there):
        return _disordered(_runs(source), _runs(translation))
    if _same_figures(source, translation):
        return _disordered(_digit_runs(source.text), _digit_runs(translation.text))
    missing, extra = _differences(here, there)
    return _unaccounted(missing, extra, source.text, translation.text)


def _differences(here: Sequence[str], there: Sequence[str]) -> _Differences:
    ours, theirs = Counter(here), Counter(there)
    return ours - theirs, theirs - ours


def _unaccounted(missing: Counter[str], extra: Counter[str], source: str, translation: str) -> _Differences:
    _pair_off(missing, extra, source, translation)
    _pair_scaled(missing, extra, source, translation)
    return (
        Counter(
            {value: count for value, count in missing.items() if not _spelt_out(value, translation, source)}
        ),
        Counter(
            {value: count for value, count in extra.items() if not _spelt_out(value, source, translation)}
        ),
    )


def figures(text: Numbered) -> set[str]:
    """Every value that the text has in figures, and every run of digits by itself."""
    text = text.now(_plain(text.text))
    return {*_values(text), *_groups(text.text)}


def late_twins(value: str, *texts: str) -> set[str]:
    """Eight, where a text speaks of the evening, is 20 too."""
    twins = _half_day(value)
    return twins if twins and any(map(_LATE.search, texts)) else set()


def _plainly_equal(source: str, translation: str) -> bool:
    """The same runs of digits, and nothing beside them that could make them say something else."""
    if sorted(_DIGITS.findall(source)) != sorted(_DIGITS.findall(translation)):
        return False
    return not (_MARKED.search(source) or _MARKED.search(translation))


def _same_figures(source: Numbered, translation: Numbered) -> bool:
    """The same digits, though not as the same numbers: "20 to 30 million" is "20 million to 30 million"."""
    here, there = _scales(source), _scales(translation)
    return here == there and len(here) < 2 and _groups(source.text) == _groups(translation.text)


def _disordered(here: Sequence[_Run], there: Sequence[_Run]) -> _Differences:
    """What is written in parts (a telephone number, a time, a score) and the other side has in another order."""
    return _apart(here, there), _apart(there, here)


def _apart(runs: Sequence[_Run], other: Sequence[_Run]) -> Counter[str]:
    parted = [(run, written) for run, written in runs if len(run) > 1]
    if not parted:
        return Counter()
    # Neighbours and not whole runs, which would take each of them through all of the other side.
    neighbours = set(pairwise(value for run, _ in other for value in run))
    return Counter(written for run, written in parted if not neighbours.issuperset(pairwise(run)))


def _runs(read: Numbered) -> list[_Run]:
    """Numbers with those that are joined to them, and how they are written."""
    if len(read.numbers) == 1:
        return []
    found: list[list[Number]] = []
    for number in read.numbers:
        if found and _JOINT.fullmatch(read.text, found[-1][-1].end, number.start):
            found[-1].append(number)
        else:
            found.append([number])
    return [
        run
        for joined in found
        for run in _one_by_one([each.digits for each in joined], read.text[joined[0].start : joined[-1].end])
    ]


def _digit_runs(text: str) -> list[_Run]:
    return [
        run
        for match in _PARTED.finditer(text)
        for run in _one_by_one([_short(digits) for digits in _DIGITS.findall(match[0])], match[0])
    ]


def _one_by_one(values: list[str], written: str) -> list[_Run]:
    """Apart, where only a space is between them and they may stand side by side by chance."""
    if " " in written and sum(map(len, values)) < _LEAST_SPACED:
        return [([value], value) for value in values]
    return [(values, written)]


def _malformed(text: str) -> list[str]:
    return [match[0] for match in _MALFORMED.finditer(text)]


def _bare(figure: str) -> str:
    return "".join(_DIGITS.findall(figure))


def _plain(text: str) -> str:
    """Digits of any script as ASCII, hours of the day on the 24-hour clock, full hours without minutes."""
    if not text.isascii():
        text = _FOREIGN_DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), text)
    if not _OF_DAY.search(text):
        return text
    text = _TWELVE_NOON.sub("", text)
    text = _BOTH_AFTERNOON.sub(_in_the_afternoon, text)
    text = _AFTERNOON.sub(lambda match: f"{int(match[1]) % 12 + 12}{match[2]}", text)
    return _FULL_HOUR.sub(r"\1 ", _MIDNIGHT.sub("0", text))


def _in_the_afternoon(match: re.Match[str]) -> str:
    """The first of "between 10 and 11 pm"; in "11 to 2 pm" it is not."""
    first, second = int(match[1]) % 12, int(match[3]) % 12
    return f"{first + 12}{match[0][len(match[1]) :]}" if first < second else match[0]


def _values(text: Numbered) -> list[str]:
    return [number.value for number in text.numbers]


def _scaled(match: re.Match[str], power: int) -> str:
    """One spelling for one number. Zeros in front of three digits or more are kept: they make codes and phones."""
    fraction = match["rest"] or match["part"] or ""
    whole = match[0][: -len(fraction) - 1] if fraction else match[0]
    if match["sep"]:
        whole = _bare(whole)
    if power:
        fraction = fraction.ljust(power, "0")
        whole, fraction = (whole + fraction[:power]).lstrip("0"), fraction[power:]
    return f"{_short(whole)}.{fraction}".rstrip("0").rstrip(".") if fraction else _short(whole)


def _scale(match: re.Match[str], text: str) -> tuple[int, int]:
    """The power of ten that is written after a number, and where that ends."""
    end = match.end()
    first = text[end : end + 1]
    if first in _SPACES:
        first = text[end + 1 : end + 2]
    # A look at one letter saves two patterns after most numbers.
    if not first or first not in _FIRST:
        return 0, end
    if found := _SCALE.match(text, end):
        return int((found.lastgroup or "p0")[1:]), found.end()
    found = _COMPACT.match(text, end)
    if found is None:
        return 0, end
    name = found.lastgroup or ""
    if name == "sum":
        if not (_is_sum(match, text) or _SUM_AFTER.match(text, found.end())):
            return 0, end
        name = _POWERS[found["sum"].lower()]
    return int(name[1:]), found.end()


def _is_sum(match: re.Match[str], text: str) -> bool:
    return _OF_SUM.search(text[max(0, match.start() - _LONGEST_SUM) : match.start()]) is not None


def _short(digits: str) -> str:
    return digits if len(digits) > 2 else digits.lstrip("0") or "0"


def _groups(text: str) -> Counter[str]:
    """Runs of digits: what is left of a date or a time written with other marks."""
    return Counter(_short(digits) for digits in _DIGITS.findall(text))


def _scales(text: Numbered) -> set[int]:
    return {number.power for number in text.numbers if number.power}


def _pair_off(missing: Counter[str], extra: Counter[str], source: str, translation: str) -> None:
    """Takes out pairs that say the same: 8 in the evening and 20, the 1960s and the sixties in digits."""
    both = f"{source}\n{translation}"
    # The patterns are dear; asked only where a pair depends on them.
    kinds = [
        twins_of
        for pattern, twins_of in ((_LATE, _half_day), (_DECADE, _other_centuries))
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
        for match in _NUMBER.finditer(text):
            if not _MAYBE_SCALED.match(text, match.end()) or _is_sum(match, text):
                continue
            read, plain = _scaled(match, _scale(match, text)[0]), _scaled(match, 0)
            for twin in {plain, *(_scaled(match, power) for power in _MAYBE)} - {read}:
                if read in own and twin in other:
                    del own[read], other[twin]


def _half_day(value: str) -> set[str]:
    hour = int(value) if value.isdecimal() and len(value) <= 2 else 25
    return {str(hour + 12), str(hour - 12)} if hour <= 24 else set()


def _other_centuries(value: str) -> set[str]:
    return {value[2:], f"19{value}", f"20{value}"}


def _spelt_out(value: str, text: str, other: str) -> bool:
    """Whether `text` says in words what `other` has in figures, and does not merely repeat a word of it."""
    word = _WORDED.get(value)
    if word and len(word.findall(text)) > len(word.findall(other)):
        return True
    return in_roman(value, text)


def in_roman(value: str, text: str) -> bool:
    if len(value) > 2 or not value.isdecimal() or not 0 < int(value) < 50:
        return False
    return re.search(rf"\b{_roman(int(value))}\b", text) is not None


def _roman(number: int) -> str:
    """Centuries and reigns; below fifty."""
    letters = ""
    for value, sign in _ROMAN:
        letters += sign * (number // value)
        number %= value
    return letters

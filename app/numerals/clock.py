# ruff: noqa: RUF001 - apostrophes and spaces that group digits
"""Hours of the day on the 24-hour clock: 2:35 p.m. is 14:35."""

import re
import unicodedata

_FOREIGN_DIGIT = re.compile(r"\d(?<![0-9])")
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
LATE = re.compile(
    r"\bp\.?\s?m\b|afternoon|evening|night|midday|noon|tarde|noite|meio-dia|\b(?:1[3-9]|2[0-3])[h:]",
    re.IGNORECASE,
)


def late_twins(value: str, *texts: str) -> set[str]:
    """Eight, where a text speaks of the evening, is 20 too."""
    twins = half_day(value)
    return twins if twins and any(map(LATE.search, texts)) else set()


def plain(text: str) -> str:
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


def half_day(value: str) -> set[str]:
    hour = int(value) if value.isdecimal() and len(value) <= 2 else 25
    return {str(hour + 12), str(hour - 12)} if hour <= 24 else set()

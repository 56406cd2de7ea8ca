"""Telephone numbers that are one, however they are grouped: +351 912 345 678, 00351 912345678."""

import re

from app.fidelity.dates import FILLER

_PHONE = re.compile(r"(?<![\w.,/+])(?:\+ ?|\()*\d(?:[ \xa0().-]{0,3}\d){7,16}(?!\w)")
_TRUNK = re.compile(r"\(0\)")
_LONGEST_COUNTRY = 3
_MOST = 200
"""As for dates."""


def settled(source: str, translation: str) -> tuple[str, str]:
    """Both without the numbers that they share: FILLER stands in their places."""
    here, there = list(_PHONE.finditer(source)), list(_PHONE.finditer(translation))
    if len(here) + len(there) > _MOST:
        return source, translation
    for one in here:
        twin = next((other for other in there if _same(one[0], other[0])), None)
        if twin is not None:
            there.remove(twin)
            source, translation = _without(source, one), _without(translation, twin)
    return source, translation


def _without(text: str, place: re.Match[str]) -> str:
    return text[: place.start()] + FILLER * len(place[0]) + text[place.end() :]


def _same(one: str, other: str) -> bool:
    one, other = sorted((_dialled(one), _dialled(other)))  # "+" sorts before digits
    if one == other:
        return True
    # From abroad the country's code takes the place of the 0.
    national = other.removeprefix("0")
    return (
        one[0] == "+"
        and other[0] == "0"
        and one.endswith(national)
        and 1 < len(one) - len(national) <= 1 + _LONGEST_COUNTRY
    )


def _dialled(phone: str) -> str:
    digits = "".join(filter(str.isdecimal, _TRUNK.sub("", phone)))
    if phone.lstrip(" (").startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits

"""Telephone numbers that are one, however they are grouped: +351 912 345 678, 00351 912345678."""

import re
from collections.abc import Iterator

from app.fidelity.dates import blanked
from app.fidelity.pairing import twins

_PHONE = re.compile(r"(?<![\w.,/+])(?:\+ ?|\()*\d(?:[ \xa0().-]{0,3}\d){7,16}(?!\w)")
_TRUNK = re.compile(r"\(0\)")
_LONGEST_COUNTRY = 3


def settled(source: str, translation: str) -> tuple[str, str]:
    """Both without the numbers that they share: FILLER stands in their places."""
    here, there = list(_PHONE.finditer(source)), list(_PHONE.finditer(translation))
    if not (here and there):
        return source, translation
    # From abroad the country's code takes the place of the 0: what has the one asks for what has the other.
    asking = (_signs(match[0], after_zero="abroad", after_code="at home") for match in here)
    known = (_signs(match[0], after_zero="at home", after_code="abroad") for match in there)
    found = [
        (one, there[twin]) for one, twin in zip(here, twins(asking, known), strict=True) if twin is not None
    ]
    return (
        blanked(source, [one.span() for one, _ in found]),
        blanked(translation, [twin.span() for _, twin in found]),
    )


def _signs(written: str, *, after_zero: str, after_code: str) -> Iterator[str]:
    """The number itself, and whatever may be left after its 0 or its country's code, under these names."""
    phone = _dialled(written)
    yield phone
    if phone.startswith("0"):
        yield f"{after_zero} {phone[1:]}"
    elif phone.startswith("+"):
        yield from (f"{after_code} {phone[1 + size :]}" for size in range(1, _LONGEST_COUNTRY + 1))


def _dialled(phone: str) -> str:
    digits = "".join(filter(str.isdecimal, _TRUNK.sub("", phone)))
    if phone.lstrip(" (").startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits

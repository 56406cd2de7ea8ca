"""Telephone numbers that are one, however they are grouped: +351 912 345 678, 00351 912345678."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from app.fidelity.dates import blanked

_PHONE = re.compile(r"(?<![\w.,/+])(?:\+ ?|\()*\d(?:[ \xa0().-]{0,3}\d){7,16}(?!\w)")
_TRUNK = re.compile(r"\(0\)")
_LONGEST_COUNTRY = 3


def settled(source: str, translation: str) -> tuple[str, str]:
    """Both without the numbers that they share: FILLER stands in their places. A list of them costs no square."""
    here, there = list(_PHONE.finditer(source)), list(_PHONE.finditer(translation))
    if not (here and there):
        return source, translation
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for place in reversed(range(len(there))):
        for sign in _known_by(_dialled(there[place][0])):
            waiting[sign].append(place)
    left, found = set(range(len(there))), []
    for one in here:
        twin = _twin(_dialled(one[0]), waiting, left)
        if twin is not None:
            left.remove(twin)
            found.append((one, there[twin]))
    return (
        blanked(source, [one.span() for one, _ in found]),
        blanked(translation, [twin.span() for _, twin in found]),
    )


def _twin(phone: str, waiting: Mapping[str, list[int]], left: set[int]) -> int | None:
    for sign in _asked_for(phone):
        places = waiting.get(sign, [])
        while places and places[-1] not in left:
            places.pop()
        if places:
            return places[-1]
    return None


def _known_by(phone: str) -> Iterator[str]:
    yield phone
    if phone.startswith("0"):
        yield f"national {phone[1:]}"
    elif phone.startswith("+"):
        yield from (f"abroad {national}" for national in _national(phone))


def _asked_for(phone: str) -> Iterator[str]:
    """From abroad the country's code takes the place of the 0."""
    yield phone
    if phone.startswith("0"):
        yield f"abroad {phone[1:]}"
    elif phone.startswith("+"):
        yield from (f"national {national}" for national in _national(phone))


def _national(phone: str) -> list[str]:
    """Whatever may be left after the country's code."""
    return [phone[1 + size :] for size in range(1, _LONGEST_COUNTRY + 1)]


def _dialled(phone: str) -> str:
    digits = "".join(filter(str.isdecimal, _TRUNK.sub("", phone)))
    if phone.lstrip(" (").startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits

"""Addresses that a model mangled, put back whole: links, e-mail addresses, handles, telephone numbers.

Only where what is left of one can be found without doubt.
"""

import re
from itertools import islice

from app.segmentation import Segment, join

_EDGES = ".,;:!?()[]{}<>\"'«»“”‘’…"  # noqa: RUF001 - quotes
_EDGE = re.escape(_EDGES)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'“”]+", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@([\w-]+(?:\.[\w-]+)+)")
_HANDLE = re.compile(r"(?<![\w@#.&/])[@#]([^\W\d]\w+)(?!\.\w)")
_PHONE = re.compile(r"(?<![\w+/.,-])(?:\+ ?)?\d{2,5}(?:[ -]\d{2,6}){1,5}(?![\w/]|[.,-]\d)")
_PHONE_LEFT = re.compile(r"(?<![\w+/.,-])(?:\+ ?)?\d(?:[ .,-]{0,2}\d){7,17}(?![\w/]|[.,-]\d)")
_TELLING = re.compile(r"[+0]")
# Each is looked for in the whole translation: a segment with more of them is a list that no one reads as a sentence,
# and its cost would be a square.
_MOST = 20


def restore_addresses(source: str, translation: str) -> str:
    for restore in (_restore_urls, _restore_emails, _restore_handles):
        translation = restore(source, translation)
    return translation


def restore_phones(source: str, translation: str) -> str:
    """Telephone numbers whose digits all stand there, in their own grouping again."""
    for found in islice(_PHONE.finditer(source), _MOST):
        phone, digits = found[0], _digits(found[0])
        # Without a plus or a zero in front it may be a quantity, unless the translation parts it in two ways.
        places = [place for place in _PHONE_LEFT.finditer(translation) if _digits(place[0]) == digits]
        if phone in translation or len(places) != 1 or len(digits) < 8:
            continue
        if _TELLING.match(phone) or len(set(re.sub(r"[\d+]", "", places[0][0]))) > 1:
            translation = translation[: places[0].start()] + phone + translation[places[0].end() :]
    return translation


def _restore_urls(source: str, translation: str) -> str:
    urls, left = list(_URL.finditer(source)), list(_URL.finditer(translation))
    if len(urls) != 1 or len(left) != 1:
        return translation
    start, end = left[0].span()
    closing = left[0][0][len(left[0][0].rstrip(_EDGES)) :]
    return translation[:start] + urls[0][0].rstrip(_EDGES) + closing + translation[end:]


def _restore_emails(source: str, translation: str) -> str:
    for found in islice(_EMAIL.finditer(source), _MOST):
        email = found[0]
        translation = _restore_parted(source, translation, email, domain=found[1])
        if email not in translation and source.count(found[1]) == 1:
            translation = _restore_email(translation, email, domain=found[1])
    return translation


def _restore_parted(source: str, translation: str, email: str, *, domain: str) -> str:
    """Both parts stand there, with another sign or none between them."""
    local = re.escape(email[: -len(domain) - 1])
    left = re.compile(
        rf"(?<![\w.+@-]){local}(?: ?[-_=*|#] ?| @ ?|@ | at | em | ?){re.escape(domain)}(?![\w-]|\.\w)",
        re.IGNORECASE,
    )
    places = [Segment(*place.span()) for place in left.finditer(translation)]
    if len(places) > source.count(email) - translation.count(email):
        return translation
    return join(translation, places, [email] * len(places))


def _restore_email(translation: str, email: str, *, domain: str) -> str:
    """What is left of it is the one word that ends in its domain, with its local part where that was parted."""
    local = re.escape(email[: -len(domain) - 1])
    left = re.compile(
        rf"(?<!\S)[{_EDGE}]*((?:{local} ?(?:@ ?|at |em )?)?[^\s/{_EDGE}]?[^\s/]{{0,80}}{re.escape(domain)})"
        r"(?![\w-]|\.\w)"
    )
    places = list(left.finditer(translation))
    if len(places) != 1 or places[0][1] == domain:
        return translation
    return translation[: places[0].start(1)] + email + translation[places[0].end() :]


def _restore_handles(source: str, translation: str) -> str:
    for found in islice(_HANDLE.finditer(source), _MOST):
        name = re.escape(found[1])
        left = re.compile(rf"(?<![\w@#.-])[-\"'.]?(?<![\w@#]){name}(?![\w@]|[.-]\w)", re.IGNORECASE)
        places = list(left.finditer(translation))
        alone = len(re.findall(rf"\b{name}\b", source, re.IGNORECASE)) == 1
        if alone and len(places) == 1 and found[0] not in translation:
            translation = translation[: places[0].start()] + found[0] + translation[places[0].end() :]
    return translation


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))

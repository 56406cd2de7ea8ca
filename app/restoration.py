# ruff: noqa: RUF001 - dashes and quotes that look alike
"""Puts back what a translation lost and what can be placed without doubt: signs at numbers, addresses, dashes.

A model knows a hundred characters or so; what it does not know vanishes or turns into something else. What
cannot be placed stays as it is, for the fidelity check to flag.
"""

import re

from app.addresses import restore_addresses, restore_phones
from app.marks import restore_marks
from app.numerals import restore_figures
from app.segmentation import Segment, join

# One class of characters, not alternatives: it is searched in every segment.
_SPECIAL = re.compile(r"[0-9£€¥\u20a0-\u20cf$#@/–—“”…½¼¾]")
_COUNTED = re.compile(r"[£€¥\u20a0-\u20cf$#–—“”…½¼¾]")
_MARK = re.compile(r"[£€¥\u20a0-\u20cf$#]")
_PHONE = re.compile(r"[0-9][ -][0-9]")
_ADDRESS_HINTS = ("@", "#", "://", "www.")
_END = re.compile(r"(?<=[^\W_])(?:[!?…]|\.{1,3})$")
# Past Latin, Greek and Cyrillic, scripts have full stops of their own; the Greek question mark differs, too.
_LAST_EUROPEAN = "\u052f"
_GREEK = re.compile("[\u0370-\u03ff]")

_QUOTES = re.compile(r"[“”]")
# The sign as written, and the plain form that is left of it. Where both sides have as many, they pair in order.
_TYPOGRAPHY = (
    (_QUOTES, re.compile(r"\"")),
    *(
        (re.compile(sign), re.compile(plain))
        for sign, plain in (
            (r"(?<=\s)[–—](?=\s)|(?<=[^\s\d])—(?=\S)|(?<=\d)—(?=[^\s\d])", r"(?<=\s)-(?=\s)"),
            (r"(?<=\d)[–—](?=\d)", r"(?<=\d)-(?=\d)"),
            (r"…", r"(?<!\.)\.{3}(?!\.)"),
            *(
                pair
                for sign, plain in (("½", "1/2"), ("¼", "1/4"), ("¾", "3/4"))
                for pair in (
                    (rf"(?<!\d){sign}", rf"(?<![\d/.,])(?<!\d ){plain}(?![\d/])"),
                    (rf"(?<=\d){sign}", rf"(?<=\d) {plain}(?![\d/])"),
                )
            ),
        )
    ),
)


def restore(source: str, translation: str, *, finished: bool = True) -> tuple[str, bool]:
    """The translation with what it lost, and whether any of that leaves a doubt.

    A sign at the number it has in the source, a dash, a quotation mark or a final mark leaves none.
    `finished`: the model came to its end, so that a final mark is missing and not merely out of reach.
    """
    restored, doubtful = translation, False
    if source != translation and (_SPECIAL.search(source) or "www." in source):
        restored, doubtful = _restore_signs(source, translation)
    if finished and source[-1:] != restored[-1:]:
        restored = _restore_end(source, restored)
    return restored, doubtful


def _restore_signs(source: str, translation: str) -> tuple[str, bool]:
    rebuilt = _rebuild(source, translation)
    doubtful = rebuilt != translation
    # "R$" and "$" are two currencies with one sign.
    if "$" not in source and sorted(_COUNTED.findall(source)) == sorted(_COUNTED.findall(rebuilt)):
        return rebuilt, doubtful
    if _MARK.search(source):
        rebuilt, inferred = restore_marks(source, rebuilt)
        doubtful |= inferred
    return (rebuilt if source.isascii() else _restore_typography(source, rebuilt)), doubtful


def _rebuild(source: str, translation: str) -> str:
    if any(map(source.__contains__, _ADDRESS_HINTS)):
        translation = restore_addresses(source, translation)
    if _PHONE.search(source):
        translation = restore_phones(source, translation)
    return restore_figures(source, translation)


def _restore_typography(source: str, translation: str) -> str:
    for sign, plain in _TYPOGRAPHY:
        signs = sign.findall(source)
        # Elsewhere “ closes what „ opens, or a quotation runs on into the next segment.
        if sign is _QUOTES and signs != ["“", "”"] * (len(signs) // 2):
            continue
        if not signs or plain.search(source) or sign.search(translation):
            continue
        places = [Segment(*place.span()) for place in plain.finditer(translation)]
        if len(places) == len(signs):
            translation = join(translation, places, signs)
    return translation


def _restore_end(source: str, translation: str) -> str:
    last = translation[-1:]
    end = _END.search(source[-4:])
    if end is None or not last.isalnum() or last > _LAST_EUROPEAN or _GREEK.match(last):
        return translation
    return translation + end[0]

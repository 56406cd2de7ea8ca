"""Laughter, which is copied and not translated. Pure."""

import re
from collections.abc import Sequence

from app.chat.places import article_before

Span = tuple[int, int]
_LAUGH = r"\b(?:(?-i:k{3,}|K{4,})|(?:rs){2,}s?|(?:ha|he|hi|hua|ah){2,}h?|lo+l|lmf?ao|rofl)\b"
LAUGHED = re.compile(_LAUGH, re.IGNORECASE)
_LEAD = re.compile(rf"{_LAUGH}[ ,!.]{{0,9}}(?=\S)", re.IGNORECASE)
_TAIL = re.compile(rf"(?<=\S)[ ,!.]{{0,9}}{_LAUGH}[!. ]{{0,9}}$", re.IGNORECASE)
ACRONYM = re.compile(r"lo+l|lmf?ao|rofl", re.IGNORECASE)


def _named(text: str, tail: re.Match[str]) -> bool:
    """Whoever laughs has no article before it: "da kkk", "the lol"."""
    return article_before(text, tail.start())


def laughter(text: str, kept: Sequence[Span]) -> tuple[str, str]:
    """At both edges; empty where it is all there is."""
    lead, tail = _LEAD.match(text), _TAIL.search(text)
    before, behind = (lead[0] if lead else ""), (tail[0] if tail and not _named(text, tail) else "")
    free = not any(low < len(before) or high > len(text) - len(behind) for low, high in kept)
    return (before, behind) if free and len(before) + len(behind) < len(text) else ("", "")

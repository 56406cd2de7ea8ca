"""Figures that the translation writes with one mark in two roles: 2.500.00."""

import re
from collections import defaultdict

from app.numerals.reading import NUMBER, bare

# One mark for thousands and decimals, 2.500.00: what a model makes of 2,500.00.
_MALFORMED = re.compile(
    r"\d(?<![\d.,]\d)\d{0,2}(?P<sep>[.,])\d{3}(?:(?P=sep)\d{3})*(?P=sep)\d{1,2}(?!\d|[.,]\d)"
)


def restore_figures(source: str, translation: str) -> str:
    """Figures that the translation writes with one mark in two roles, as the source writes them."""
    if not _MALFORMED.search(translation):
        return translation
    written: defaultdict[str, set[str]] = defaultdict(set)
    for match in NUMBER.finditer(source):
        written[bare(match[0])].add(match[0])

    def restored(match: re.Match[str]) -> str:
        twins = written[bare(match[0])]
        return next(iter(twins)) if len(twins) == 1 else match[0]

    return _MALFORMED.sub(restored, translation)


def malformed(text: str) -> list[str]:
    return [match[0] for match in _MALFORMED.finditer(text)]

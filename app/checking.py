"""Translations from anywhere, checked: languages settled, then app.fidelity. Blocking; runs in a thread."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.detection import Detection, Detector
from app.fidelity import Finding, Order, find, order
from app.validation import language_code

_REGION = re.compile(r"^[A-Za-z]{2,3}[-_](?:[A-Za-z]{4}[-_])?([A-Za-z]{2}|\d{3})(?![A-Za-z0-9])")

SURE = 0.9
"""Calibrated probability from which a translation is said to be in another language."""
_LEAST = 25
"""Characters of a translation below which its language is not judged by detection."""


@dataclass(frozen=True, slots=True)
class Pair:
    source: str
    text: str
    """The translation."""
    source_language: str | None = None
    """None: detect. In any form."""
    target_language: str | None = None


def check_pairs(pairs: Sequence[Pair], detector: Detector) -> list[tuple[Finding, ...]]:
    """Raises UnknownLanguage."""
    heres = detector.detect([pair.source for pair in pairs])
    theres = detector.detect([pair.text for pair in pairs])
    return [_check(*each, detector) for each in zip(pairs, heres, theres, strict=True)]


def _check(pair: Pair, here: Detection, there: Detection, detector: Detector) -> tuple[Finding, ...]:
    source = _settled(pair.source_language, here)
    target = _settled(pair.target_language, there)
    languages = (source, target) if source and target else None
    judged = target in detector.languages and len(pair.text) >= _LEAST and there.confidence >= SURE
    return find(
        pair.source,
        pair.text,
        languages=languages,
        detected=there.language if judged else None,
        orders=(_order(pair.source_language, source), _order(pair.target_language, target)),
    )


def _order(named: str | None, language: str | None) -> Order:
    """Of its dates in figures: the only thing for which the region of a language is asked."""
    region = _REGION.search(named) if named else None
    return order(language, region=region[1].upper() if region else None)


def _settled(named: str | None, found: Detection) -> str | None:
    if named is not None:
        return language_code(named)
    return found.language if found.confidence >= SURE else None

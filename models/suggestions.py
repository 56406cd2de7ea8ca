"""Which published models would open a pair."""

from collections.abc import Callable, Sequence

from models.catalogue import installable
from models.contracts import LanguagePair

_SUGGESTIONS = 2
_READABLE = 40
"""Characters of a model's name."""


def suggested(pair: LanguagePair, *, leads: Callable[[LanguagePair], bool]) -> Sequence[str]:
    """The direct releases, or two that meet at English. `leads`: whether a model for the pair is installed."""
    # Models for whole families are named after every member; they come last, and only where nothing else is.
    names = [release.short for release in installable(pair)]
    direct = ([name for name in names if len(name) <= _READABLE] or names[:1])[:_SUGGESTIONS]
    if direct or "en" in (pair.source, pair.target):
        return direct
    legs = (
        LanguagePair(pair.source, "en"),
        LanguagePair("en", pair.target),
    )
    missing = [installable(leg)[:1] for leg in legs if not leads(leg)]
    if not all(missing):
        return []
    return [" and ".join(releases[0].short for releases in missing)] if missing else []

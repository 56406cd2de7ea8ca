"""Which published models would open a pair."""

from collections.abc import Callable, Sequence

from models.catalogue import Release, find, installable
from models.contracts import LanguagePair

_SUGGESTIONS = 2
_READABLE = 40
"""Characters of a model's name."""
_ENGLISH = "en"


def suggested(pair: LanguagePair, *, leads: Callable[[LanguagePair], bool]) -> Sequence[str]:
    """The direct releases, or two that meet at English, or at the language where the best scored do.

    `leads`: whether a model for the pair is installed.
    """
    # Models for whole families are named after every member; they come last, and only where nothing else is.
    names = [release.short for release in installable(pair)]
    direct = ([name for name in names if len(name) <= _READABLE] or names[:1])[:_SUGGESTIONS]
    if direct:
        return direct
    if _ENGLISH in (pair.source, pair.target):
        return _over_another(pair, leads)
    return _over_english(pair, leads)


def _over_english(pair: LanguagePair, leads: Callable[[LanguagePair], bool]) -> Sequence[str]:
    legs = (
        LanguagePair(pair.source, _ENGLISH),
        LanguagePair(_ENGLISH, pair.target),
    )
    missing = [installable(leg)[:1] for leg in legs if not leads(leg)]
    if not all(missing):
        return []
    return [" and ".join(releases[0].short for releases in missing)] if missing else []


def _over_another(pair: LanguagePair, leads: Callable[[LanguagePair], bool]) -> Sequence[str]:
    """Of releases for one pair alone: those for many reach everything, by way of anything."""
    into = {min(each.targets): each for each in reversed(find(source=pair.source)) if _is_plain(each)}
    out_of = {min(each.sources): each for each in reversed(find(target=pair.target)) if _is_plain(each)}
    between = [code for code in into.keys() & out_of.keys() if code not in (pair.source, pair.target)]
    if not between:
        return []
    best = max(sorted(between), key=lambda code: (into[code].chrf or 0) * (out_of[code].chrf or 0))
    halves = (
        (into[best], LanguagePair(pair.source, best)),
        (out_of[best], LanguagePair(best, pair.target)),
    )
    missing = [release.short for release, leg in halves if not leads(leg)]
    return [" and ".join(missing)] if missing else []


def _is_plain(release: Release) -> bool:
    return len(release.sources) == len(release.targets) == 1

"""Whether a translation is in its language at all, by its commonest words."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from app.fidelity.languages import known, share, tokens

_LEAST = 5
"""Tokens: a shorter text may hold none of the commonest words."""
_USUAL = 0.28
"""Share of the target's common words from which on no other language is looked for."""
_TELLING = 3
"""Words common in the other language and not in the target's, at least."""
_TIMES = 2.5
"""How many more of those there must be than of the reverse."""


def written_in(translation: str, target: str, *, words: Sequence[str]) -> str | None:
    """The other language that the translation seems to be in; None if it may be in the target's.

    `words` of the translation, in small letters.
    """
    language = known().get(target)
    if language is None:
        return None
    found = tokens(translation, unspaced=True) if language.unspaced else words
    if len(words) < _LEAST or share(found, language) >= _USUAL:
        return None
    return _likelier(target, words)


def _likelier(target: str, words: Sequence[str]) -> str | None:
    counted = Counter(code for word in words for code in _homes().get(word, ()) if code != target)
    if not counted:
        return None
    best = max(counted, key=lambda code: (counted[code], code))
    mine, other = known()[target].common, known()[best].common
    telling = sum(word in other and word not in mine for word in words)
    own = sum(word in mine and word not in other for word in words)
    return best if telling >= _TELLING and telling > _TIMES * own else None


@cache
def _homes() -> Mapping[str, tuple[str, ...]]:
    """For each word the languages in which it is common."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for code, language in known().items():
        for word in () if language.unspaced else language.common:
            homes[word].append(code)
    return {word: tuple(codes) for word, codes in homes.items()}

"""Whether a translation is in its language at all, by its commonest words."""

from collections.abc import Sequence

from app.fidelity.languages import Language, known, share, tokens

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
    return _likelier(language, words)


def _likelier(target: Language, words: Sequence[str]) -> str | None:
    shares = {
        code: share(words, language)
        for code, language in known().items()
        if language is not target and not language.unspaced
    }
    best = max(shares, key=lambda code: (shares[code], code))
    other = known()[best].common
    telling = sum(word in other and word not in target.common for word in words)
    own = sum(word in target.common and word not in other for word in words)
    return best if telling >= _TELLING and telling > _TIMES * own else None

"""Whether a translation is in its language at all, by its commonest words."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from app.fidelity.glance import Glance
from app.fidelity.languages import known, share, tokens

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_LEAST = 5
"""Tokens: a shorter text may hold none of the commonest words."""
_USUAL = 0.28
"""Share of the target's common words from which on no other language is looked for."""
_TELLING = 3
"""Words common in the other language and not in the target's, at least."""
_TIMES = 2.5
"""How many more of those there must be than of the reverse."""


def written_in(translation: Glance, target: str) -> str | None:
    """The other language that the translation seems to be in; None if it may be in the target's."""
    language = known().get(target)
    if language is None:
        return None
    # No other script has letters in Latin-1.
    if translation.beyond and not language.unspaced and (other := _by_script(translation.text, target)):
        return other
    words = translation.words
    found = tokens(translation.text, unspaced=True) if language.unspaced else words
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


def _by_script(text: str, target: str) -> str | None:
    """The commonest language of a script that holds most letters, where the target's own words have none of it."""
    letters = sum(map(str.isalpha, text))
    for code, script in _SCRIPTS:
        found = len(script.findall(text))
        if 2 * found > letters:
            return None if any(map(script.search, known()[target].common)) else code
    return None


@cache
def _homes() -> Mapping[str, tuple[str, ...]]:
    """For each word the languages in which it is common."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for code, language in known().items():
        for word in () if language.unspaced else language.common:
            homes[word].append(code)
    return {word: tuple(codes) for word, codes in homes.items()}

"""Words of the source that stand in a translation as they were, three in a row and more."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

_DIGIT = re.compile(r"\d")
_LEAST_LETTERS = 12
"""Of three words together; "a do as" may be right in both languages."""
_LEAST_LONGEST = _LEAST_LETTERS // 3
# Of 200 human translations in FLORES, at least three share such words between these; no other pair has more than two.
_KIN = (
    frozenset({"an", "ast", "ca", "es", "gl", "oc", "pt"}),
    frozenset({"bg", "mk", "sr"}),
    frozenset({"bs", "hr", "sl", "sr"}),
    frozenset({"ceb", "tl"}),
    frozenset({"cs", "sk"}),
    frozenset({"da", "nn", "no", "sv"}),
    frozenset({"id", "jv", "ms"}),
    frozenset({"af", "nl"}),
    frozenset({"az", "tr"}),
    frozenset({"be", "ru", "uk"}),
    frozenset({"xh", "zu"}),
)


def may_be_copied(shared: Collection[str]) -> bool:
    """Whether words in small letters that both sides hold are enough to look closer; cheap."""
    return len(shared) > 1 and max(map(len, shared)) >= _LEAST_LONGEST


def words_copied(source: str, translation: str) -> bool:
    """Only words in small letters: names and quoted titles stay as they are with good reason."""
    known, words = source.split(), translation.split()
    shared = set(known).intersection(words)
    # Most pairs end here: without a word this long no three have letters enough.
    if not any(len(word) >= _LEAST_LONGEST and word.islower() for word in shared):
        return False
    run = 0
    for word in words:
        run = run + 1 if word in shared else 0
        if run == 3:
            return not set(_runs(known)).isdisjoint(_runs(words))
    return False


@lru_cache(maxsize=1024)
def akin(one: str, other: str) -> bool:
    """Whether good translations between two languages often share three words in a row."""
    return one == other or any({one, other} <= family for family in _KIN)


def _runs(words: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for run in zip(words, words[1:], words[2:], strict=False):
        written = "".join(run)
        if len(written) >= _LEAST_LETTERS and all(map(str.islower, run)) and not _DIGIT.search(written):
            yield run

"""The form of a line: whether it may be chat, and which of its words may be read as such. Pure.

Only small letters, or a capital where the segment begins: "VC" may be a name, and a text in capitals comes here in
sentence case. What is to stand to the letter is left alone.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from app.chat.laughter import Span
from app.chat.words import KNOWN
from app.segmentation import Segment

_WORD = re.compile(r"(?<![^\s(¿¡])\w+(?=[?!.,;:)…]*(?:\s|$))")
_PLAIN = re.compile(r"\w+")
DRAWN = re.compile(r"([aeiouà-æè-ïò-öù-ü])\1{2,}|(?<=[aeiouà-ü])([lmrsyz])\2{2,}$")
"""Not what codes begin with: `pppoe`, `yyyymmdd`."""
_THRICE = re.compile(r"([a-záãçéíóõú])\1\1")
_LAUGHS = ("rsrs", "haha", "hehe", "hihi", "huahua", "ahah", "lol", "lool", "lmao", "lmfao", "rofl")
"""With it hints of drawn letters and laughter; cheaper to look for than these."""
ROMAN = re.compile(r"[ivxlcdm]+")
_FORMULA = re.compile(r"\w ?[=<>+*^|] ?\w")
_SHORT = 12
"""Words of a line that is chat by one telling word."""


def has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def may_be_chat(text: str, language: str) -> bool:
    """Cheap; False for nearly all prose, and in languages that are not known here."""
    if language not in KNOWN:
        return False
    low = text.lower()
    return bool(
        not KNOWN[language].isdisjoint(_PLAIN.findall(low))
        or _THRICE.search(low)
        or any(map(low.__contains__, _LAUGHS))
    )


def words(text: str, kept: Sequence[Span], shouted: AbstractSet[str] = frozenset()) -> Iterator[Segment]:
    """`shouted`: those that count in capitals, too."""
    closed = {at for low, high in kept for at in range(low, high)}
    for word in _WORD.finditer(text):
        start, end = word.span()
        first = start == 0 and word[0][1:].islower()
        small = word[0].islower() or first or word[0] in ("2", "4") or word[0].lower() in shouted
        if small and closed.isdisjoint(range(start, end)):
            yield Segment(start, end)


def is_line(text: str, found: Sequence[Segment]) -> bool:
    """Short, and without a capital but the first: how chat is written. Not with a full stop, too, nor a formula."""
    plain = text[1:].lower() == text[1:] and '"' not in text and not _FORMULA.search(text)
    return len(found) <= _SHORT and not is_sentence(text) and plain


def once(word: str) -> str:
    return DRAWN.sub(lambda found: found[1] or found[2], word)


def is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".")

"""Chat written out for the engine, and what is left that it will not understand. Pure.

Only small letters, or a capital where the segment begins: "VC" may be a name, and a text in capitals comes here in
sentence case. What is to stand to the letter is left alone.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import accumulate

from app.chat.places import article_before, is_named, is_unit_or_letter
from app.chat.words import BARE, KNOWN, LEFT, LOOSE, NOT_BEHIND_ARTICLES, PHRASES, SHOUTED, SURE
from app.segmentation import Segment, join

Span = tuple[int, int]
_WORD = re.compile(r"(?<![^\s(¿¡])\w+(?=[?!.,;:)…]*(?:\s|$))")
_PLAIN = re.compile(r"\w+")
_LAUGH = r"\b(?:(?-i:k{3,}|K{4,})|(?:rs){2,}s?|(?:ha|he|hi|hua|ah){2,}h?|lo+l|lmf?ao|rofl)\b"
_LAUGHED = re.compile(_LAUGH, re.IGNORECASE)
_LEAD = re.compile(rf"{_LAUGH}[ ,!.]{{0,9}}(?=\S)", re.IGNORECASE)
_TAIL = re.compile(rf"(?<=\S)[ ,!.]{{0,9}}{_LAUGH}[!. ]{{0,9}}$", re.IGNORECASE)
_DRAWN = re.compile(r"([aeiouà-æè-ïò-öù-ü])\1{2,}|(?<=[aeiouà-ü])([lmrsyz])\2{2,}$")
"""Not what codes begin with: `pppoe`, `yyyymmdd`."""
_BARE = re.compile(r"\b[bcdfghjklmnpqrstvwxz]{2,5}\b")
_HINTS = (
    *(letter * 3 for letter in "abcdefghijklmnopqrstuvwxyzáãçéíóõú"),
    *("rsrs", "haha", "hehe", "hihi", "huahua", "ahah", "lol", "lool", "lmao", "lmfao", "rofl"),
)
"""Of drawn letters and laughter; cheaper to look for than these."""
_ROMAN = re.compile(r"[ivxlcdm]+")
_FIGURE = re.compile(r"(?<![\w.,:/-])[24] (?=[a-z])")
_WHOM = re.compile(r" (?:u|ur|me)\b(?! of\b)")
_FORMULA = re.compile(r"\w ?[=<>+*^|] ?\w")
_ACRONYM = re.compile(r"lo+l|lmf?ao|rofl", re.IGNORECASE)
_STRANGE = re.compile(r"(?!s[chp][hlr]|str|[ckpt]h[lr]|phth|tch|ps[ct])[bcdfghjklmnpqrstvwxz]{3}\w")
"""No word of either language begins like that."""
_FOR = {("en", "2"): "to", ("en", "4"): "for"}
_SHORT = 12
"""Words of a line that is chat by one telling word."""


@dataclass(frozen=True, slots=True)
class WrittenOut:
    text: str
    """What the engine reads."""
    lead: str
    """Laughter before what it reads, and behind it in `tail`: copied."""
    tail: str
    ends: tuple[int, ...]
    """Of what is other words now, in the text as written."""
    shifts: tuple[int, ...]
    """By how much what stands behind each has moved."""
    checked: str
    """The text as written, laughter aside, with what chat says by figures (`l8r`, `4 u`) written out alone: whatever
    else stands there, a translation must give again.
    """
    doubtful: bool
    """Whether a word was written out that may mean something else, or alone in a sentence, or laughter copied that
    is an English acronym.
    """

    def moved(self, span: Span) -> Span:
        """A range that nothing was changed in, where the engine reads it."""
        before = bisect_right(self.ends, span[0])
        by = self.shifts[before - 1] if before else 0
        return span[0] + by, span[1] + by


def written_out(
    text: str, language: str, kept: Sequence[Span] = (), *, shouted: bool = False
) -> WrittenOut | None:
    """None where there is nothing to write out. `kept`: ranges that stand to the letter. `shouted`: it was written in
    capitals, of which those are left that might be names.
    """
    if language not in SURE or not _may_be_chat(text, language):
        return None
    lead, tail = _laughter(text, kept)
    low, high = len(lead), len(text) - len(tail)
    changes = [
        each
        for each in _changes(text, language, kept, shouted)
        if low <= each[0].start and each[0].end <= high
    ]
    if not (changes or lead or tail):
        return None
    whole = _joined(text, changes)
    grown = (len(said) - (place.end - place.start) for place, said in changes)
    ends = (low, *(place.end for place, _ in changes))
    figures = [each for each in changes if _has_digit(text[each[0].start : each[0].end])]
    behind = len(tail)
    return WrittenOut(
        whole[low : len(whole) - behind],
        lead,
        tail,
        ends,
        tuple(accumulate(grown, initial=-low)),
        checked=(as_written := _joined(text, figures))[low : len(as_written) - behind],
        doubtful=bool(_ACRONYM.search(lead) or _ACRONYM.search(tail))
        or (len(changes) == 1 and _is_sentence(text) and _other_letters(text, *changes[0]))
        or any(_guessed(text[place.start : place.end], said, language) for place, said in changes),
    )


def _joined(text: str, changes: Sequence[tuple[Segment, str]]) -> str:
    return join(text, [place for place, _ in changes], [said for _, said in changes])


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def _other_letters(text: str, place: Segment, said: str) -> bool:
    """Not where an accent or an apostrophe came in alone."""
    return _bare(text[place.start : place.end]) != _bare(said)


def _bare(text: str) -> str:
    return "".join(filter(str.isalpha, unicodedata.normalize("NFD", text.lower())))


def _guessed(written: str, said: str, language: str) -> bool:
    """Whether it might be no chat: `tb`, `r`. Not where letters were dropped or a capital put alone."""
    word = written.lower()
    short = _once(word)
    if SURE[language].keys() & {word, short}:
        return False
    return said.lower() not in (word, short)


def unread(text: str, language: str, kept: Sequence[Span] = (), *, chat: bool) -> bool:
    """Whether `text`, as the engine reads it, holds chat still. `chat`: it was written out in part."""
    if language not in SURE:
        return False
    if chat and language == "en" and _FIGURE.search(text):
        return True
    if not (chat or _may_be_chat(text, language) or _BARE.search(text)):
        return False
    found = [*_words(text, kept)]
    line = _is_line(text, found)
    if line and _LAUGHED.search(text):
        return True
    informal = chat or (line and len(found) > 1)
    return any(_odd(text, place, language, informal=informal, chat=chat) for place in found)


def _may_be_chat(text: str, language: str) -> bool:
    """Cheap; False for nearly all prose."""
    low = text.lower()
    return any(map(low.__contains__, _HINTS)) or not KNOWN[language].isdisjoint(_PLAIN.findall(low))


def _changes(text: str, language: str, kept: Sequence[Span], shouted: bool) -> list[tuple[Segment, str]]:
    found = [*_words(text, kept, SHOUTED[language] if shouted else frozenset())]
    chat = _is_chat(text, found, language)
    read = {**SURE[language], **(LOOSE[language] if chat else {})}
    said = ((place, _said(text, place, read, language, chat=chat)) for place in found)
    return [(place, words) for place, words in said if words is not None]


def _words(text: str, kept: Sequence[Span], shouted: AbstractSet[str] = frozenset()) -> Iterator[Segment]:
    """`shouted`: those that count in capitals, too."""
    closed = {at for low, high in kept for at in range(low, high)}
    for word in _WORD.finditer(text):
        start, end = word.span()
        first = start == 0 and word[0][1:].islower()
        small = word[0].islower() or first or word[0] in ("2", "4") or word[0].lower() in shouted
        if small and closed.isdisjoint(range(start, end)):
            yield Segment(start, end)


def _is_chat(text: str, found: Sequence[Segment], language: str) -> bool:
    """Whether words that mean something else elsewhere are chat here: by two that do not, or by one or a phrase in a
    line that has the form of chat.
    """
    sure = sum(text[place.start : place.end].lower() in SURE[language] for place in found)
    sure += _LAUGHED.search(text) is not None
    if sure > 1:
        return True
    return _is_line(text, found) and (sure == 1 or re.search(PHRASES[language], text.lower()) is not None)


def _is_line(text: str, found: Sequence[Segment]) -> bool:
    """Short, and without a capital but the first: how chat is written. Not with a full stop, too, nor a formula."""
    plain = text[1:].lower() == text[1:] and '"' not in text and not _FORMULA.search(text)
    return len(found) <= _SHORT and not _is_sentence(text) and plain


def _said(text: str, place: Segment, read: Mapping[str, str], language: str, *, chat: bool) -> str | None:
    word = text[place.start : place.end]
    if figure := _FOR.get((language, word)):
        # "4 u", but "4 people".
        return figure if chat and _WHOM.match(text, place.end) else None
    if (
        len(word) > 1
        and is_named(text, place)
        and word.lower() in (NOT_BEHIND_ARTICLES | LOOSE[language].keys())
    ):
        return None
    if word.lower() not in SURE[language] and is_unit_or_letter(text, place):
        return None
    said = read.get(word.lower()) or (
        None if _is_sentence(text) and not chat else _undrawn(word.lower(), read)
    )
    if said is None or said == word:
        return None
    return said[0].upper() + said[1:] if place.start == 0 and word[0].isupper() else said


def _undrawn(word: str, read: Mapping[str, str]) -> str | None:
    """`naaaao`, `oiii`: with the letter once."""
    if not _DRAWN.search(word) or word == "ieee" or _ROMAN.fullmatch(word) or len(set(word)) == 1:
        return None
    short = _once(word)
    return read.get(short, short)


def _once(word: str) -> str:
    return _DRAWN.sub(lambda found: found[1] or found[2], word)


def _named(text: str, tail: re.Match[str]) -> bool:
    """Whoever laughs has no article before it: "da kkk", "the lol"."""
    return article_before(text, tail.start())


def _laughter(text: str, kept: Sequence[Span]) -> tuple[str, str]:
    """At both edges; empty where it is all there is."""
    lead, tail = _LEAD.match(text), _TAIL.search(text)
    before, behind = (lead[0] if lead else ""), (tail[0] if tail and not _named(text, tail) else "")
    free = not any(low < len(before) or high > len(text) - len(behind) for low, high in kept)
    return (before, behind) if free and len(before) + len(behind) < len(text) else ("", "")


def _odd(text: str, place: Segment, language: str, *, informal: bool, chat: bool) -> bool:
    """`informal`: it has the form of chat; `chat`: some of it was written out."""
    word = text[place.start : place.end].lower()
    if word in LEFT[language]:
        return informal and not is_unit_or_letter(text, place)
    if _ROMAN.fullmatch(word) or _has_digit(word):
        return False
    if (_DRAWN.search(word) and word != "ieee" and (chat or not _is_sentence(text))) or (
        chat and _STRANGE.match(word)
    ):
        return True
    if _BARE.fullmatch(word) is None or word in BARE or _is_sentence(text):
        return False
    before, behind = text[place.start - 2 : place.start - 1], text[place.end : place.end + 1]
    return not (before.isdigit() or behind in (".", ")"))


def _is_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".")

"""Chat written out for the engine. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.chat.laughter import ACRONYM, LAUGHED, Span, laughter
from app.chat.line import DRAWN, ROMAN, has_digit, is_line, is_sentence, may_be_chat, once, words
from app.chat.places import is_named, is_unit_or_letter
from app.chat.words import LOOSE, NOT_BEHIND_ARTICLES, PHRASES, SHOUTED, SURE
from app.segmentation import Segment, join

_WHOM = re.compile(r" (?:u|ur|me)\b(?! of\b)")
_FOR = {("en", "2"): "to", ("en", "4"): "for"}


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
    if not may_be_chat(text, language):
        return None
    lead, tail = laughter(text, kept)
    low, high = len(lead), len(text) - len(tail)
    changes = [
        each
        for each in _changes(text, language, kept, shouted)
        if low <= each[0].start and each[0].end <= high
    ]
    if not (changes or lead or tail):
        return None
    grown = (len(said) - (place.end - place.start) for place, said in changes)
    figures = [each for each in changes if has_digit(text[each[0].start : each[0].end])]
    return WrittenOut(
        _joined(text, changes, low, high),
        lead,
        tail,
        ends=(low, *(place.end for place, _ in changes)),
        shifts=tuple(accumulate(grown, initial=-low)),
        checked=_joined(text, figures, low, high),
        doubtful=any(map(ACRONYM.search, (lead, tail))) or _doubtful(text, changes, language),
    )


def _joined(text: str, changes: Sequence[tuple[Segment, str]], low: int, high: int) -> str:
    """From `low` to `high` of the text as written, between which all changes are."""
    whole = join(text, [place for place, _ in changes], [said for _, said in changes])
    return whole[low : len(whole) - (len(text) - high)]


def _doubtful(text: str, changes: Sequence[tuple[Segment, str]], language: str) -> bool:
    if len(changes) == 1 and is_sentence(text) and _other_letters(text, *changes[0]):
        return True
    return any(_guessed(text[place.start : place.end], said, language) for place, said in changes)


def _other_letters(text: str, place: Segment, said: str) -> bool:
    """Not where an accent or an apostrophe came in alone."""
    return _bare(text[place.start : place.end]) != _bare(said)


def _bare(text: str) -> str:
    return "".join(filter(str.isalpha, unicodedata.normalize("NFD", text.lower())))


def _guessed(written: str, said: str, language: str) -> bool:
    """Whether it might be no chat: `tb`, `r`. Not where letters were dropped or a capital put alone."""
    word = written.lower()
    short = once(word)
    if SURE[language].keys() & {word, short}:
        return False
    return said.lower() not in (word, short)


def _changes(text: str, language: str, kept: Sequence[Span], shouted: bool) -> list[tuple[Segment, str]]:
    found = [*words(text, kept, SHOUTED[language] if shouted else frozenset())]
    chat = _is_chat(text, found, language)
    read = {**SURE[language], **(LOOSE[language] if chat else {})}
    said = ((place, _said(text, place, read, language, chat=chat)) for place in found)
    return [(place, written) for place, written in said if written is not None]


def _is_chat(text: str, found: Sequence[Segment], language: str) -> bool:
    """Whether words that mean something else elsewhere are chat here: by two that do not, or by one or a phrase in a
    line that has the form of chat.
    """
    sure = sum(text[place.start : place.end].lower() in SURE[language] for place in found)
    sure += LAUGHED.search(text) is not None
    if sure > 1:
        return True
    return is_line(text, found) and (sure == 1 or re.search(PHRASES[language], text.lower()) is not None)


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
        None if is_sentence(text) and not chat else _undrawn(word.lower(), read)
    )
    if said is None or said == word:
        return None
    return said[0].upper() + said[1:] if place.start == 0 and word[0].isupper() else said


def _undrawn(word: str, read: Mapping[str, str]) -> str | None:
    """`naaaao`, `oiii`: with the letter once."""
    if not DRAWN.search(word) or word == "ieee" or ROMAN.fullmatch(word) or len(set(word)) == 1:
        return None
    short = once(word)
    return read.get(short, short)

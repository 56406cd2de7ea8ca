# ruff: noqa: RUF001 - the punctuation of many scripts
"""Text to sentence-sized segments and back, losing nothing.

A segment is the part worth translating. Line breaks, columns, indentation, list markers, emoji and lone
surrogates lie between segments, so that `join` copies them as they were.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from sentencex import get_sentence_boundaries

from app.emoji import EMOJI_PATTERN, PICTORIAL


@dataclass(frozen=True, slots=True)
class Segment:
    """A half-open range of code points of the text."""

    start: int
    end: int


class Splitting(Enum):
    """Where segments end. Emoji, and what no model can read, lie between segments in any case."""

    SENTENCES = "sentences"
    """With sentences, lines and columns."""
    LINES = "lines"
    """With lines and columns alone."""
    PUNCTUATION = "punctuation"
    """With sentences alone: a line break is white space like any other."""
    NOTHING = "nothing"
    """Nowhere: the text is one sentence, whatever stands in it."""


_LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_WIDE_SPACES = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
# Controls, white space, zero-width and direction marks: kept inside a core, never at its edge.
_EDGE = (
    "\x00-\x20\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    f"{_WIDE_SPACES}"
)
_MARKER = (
    r"(?:[-*+•‣⁃◦▪▫·●○■□–—]{1,3}|>+|\#{1,6}|\[[ xX]\]|\d{1,3}[.)]|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,5})\))"
)

_PLAIN_BOUND = re.compile(f"[{_LINE_BREAKS}\t\ud800-\udfff]|[ {_WIDE_SPACES}][ {_WIDE_SPACES}]{{2,}}")
_UNREADABLE = re.compile("[\ud800-\udfff]")
_BOUND = re.compile(f"{_PLAIN_BOUND.pattern}|{EMOJI_PATTERN}")
_ODD = re.compile(f"{_UNREADABLE.pattern}|{EMOJI_PATTERN}")
_LEAD = re.compile(f"(?:[{_EDGE}]+|{_MARKER}(?=[{_EDGE}]|$))*")
_TRAIL = "".join(re.findall(f"[{_EDGE}]", "".join(map(chr, range(0x10000)))))
_WORD = re.compile(r"[^\W_]")
_ANY_BREAK = re.compile(f"[{_LINE_BREAKS}\t]")
_NON_ASCII_SPACE = re.compile(f"[\x85\u2028\u2029{_WIDE_SPACES}]")
# sentencex pairs quotes and brackets and never ends a sentence inside a pair. One stray quote therefore turns
# all that follows inside out (27,000 characters in one "sentence", measured on Portuguese prose).
_PAIRED = re.compile(r"""["'“”„‘’«»‹›()\[\]{}「」『』]""")
_LONG = 300
# Its search for the partner of an opening mark is quadratic, and it holds the interpreter's lock meanwhile: 6.4 s for
# 180,000 characters of "«a". Longer spans are shown to it by the slice, at most 3 ms each.
_SLICE = 4_096
_TERMINATOR = re.compile(r"""[.!?…]+["'”’»)\]]*\s+|[。！？।॥؟۔]+["”’」』）]*\s*""")


def split(text: str, language: str = "en", *, splitting: Splitting = Splitting.SENTENCES) -> list[Segment]:
    """Segments in order, disjoint, each holding a letter or a digit.

    `language` is any tag; the sentence rules of its primary language are used, or general ones.
    """
    smooth = text if text.isascii() else _NON_ASCII_SPACE.sub(" ", text)
    language = language.partition("-")[0].lower()
    bounded = splitting in (Splitting.SENTENCES, Splitting.LINES)
    spans = _spans(text, bounded=bounded)
    if splitting in (Splitting.NOTHING, Splitting.LINES):
        return [segment for span in spans if (segment := _core(text, *span)) is not None]
    smooth = smooth if bounded else _ANY_BREAK.sub(" ", smooth)
    return [
        segment
        for start, end in spans
        for sentence in _sentences(smooth, start, end, language)
        if (segment := _core(text, *sentence)) is not None
    ]


def merge(segments: Sequence[Segment], spans: Iterable[tuple[int, int]]) -> list[Segment]:
    """Each span, in order, inside one segment: those that it touches become one. One between segments is left there."""
    merged = list(segments)
    for start, end in spans:
        touched = [each for each in merged if each.start < end and start < each.end]
        if (touched and not touched[0].start <= start <= end <= touched[-1].end) or len(touched) > 1:
            place = merged.index(touched[0])
            whole = Segment(min(start, touched[0].start), max(end, touched[-1].end))
            merged[place : place + len(touched)] = [whole]
    return merged


def join(text: str, segments: Sequence[Segment], translations: Sequence[str]) -> str:
    """`text` with each segment replaced; all that lies between is copied unchanged."""
    parts: list[str] = []
    done = 0
    for segment, translation in zip(segments, translations, strict=True):
        parts += (text[done : segment.start], translation)
        done = segment.end
    parts.append(text[done:])
    return "".join(parts)


def united(places: Iterable[Segment]) -> list[Segment]:
    """In order, with those that touch or overlap as one."""
    found: list[Segment] = []
    for place in sorted(places, key=lambda each: (each.start, each.end)):
        if found and place.start <= found[-1].end:
            found[-1] = Segment(found[-1].start, max(found[-1].end, place.end))
        else:
            found.append(place)
    return found


def _spans(text: str, *, bounded: bool) -> Iterator[tuple[int, int]]:
    """`bounded`: by lines and columns."""
    start = 0
    plain, pictorial = (_PLAIN_BOUND, _BOUND) if bounded else (_UNREADABLE, _ODD)
    pattern = pictorial if PICTORIAL.search(text) else plain
    for bound in pattern.finditer(text):
        if bound.start() > start:
            yield start, bound.start()
        start = bound.end()
    if start < len(text):
        yield start, len(text)


def _sentences(smooth: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    lead = _LEAD.match(smooth, start, end)
    start = lead.end() if lead else start
    for low, high in _cuts(smooth, start, end, _offsets(smooth[start:end], language)):
        if high - low <= _LONG:
            yield low, high
            continue
        unpaired = _PAIRED.sub(" ", smooth[low:high])
        yield from _cuts(smooth, low, high, _offsets(unpaired, language))


def _cuts(smooth: str, start: int, end: int, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    low = start
    for offset in offsets:
        high = start + offset
        while high - 1 > low and _PAIRED.match(smooth, high - 1) and smooth[high - 2] == " ":
            high -= 1  # an opening quote belongs to what it opens
        # sentencex 1.0.32 ends a sentence inside the Portuguese "n.º" and "1.ª".
        if high > low and smooth[high : high + 1] not in ("", "º", "ª"):
            yield low, high
            low = high
    if low < end:
        yield low, end


def _offsets(span: str, language: str) -> Iterator[int]:
    """Offsets where sentences start, in linear time."""
    low = 0
    while len(span) - low > _SLICE:
        high = _slice_end(span, low)
        found = [low + offset for offset in _boundaries(span[low:high], language) if offset > 0]
        yield from found
        # A sentence cut by the slice's end is looked at again whole, but not if that repeats most of the slice.
        low = found[-1] if found and found[-1] - low > _SLICE // 2 else high
    yield from (low + offset for offset in _boundaries(span[low:], language) if offset > 0)


def _slice_end(span: str, low: int) -> int:
    """After a space in the second half of the slice, if there is one."""
    space = span.rfind(" ", low + _SLICE // 2, low + _SLICE)
    return low + _SLICE if space < 0 else space + 1


def _boundaries(text: str, language: str) -> list[int]:
    """Offsets where sentences start.

    `text` must hold no white space outside ASCII: sentencex 1.0.32 panics on a no-break space before a point.
    """
    try:
        return [found["start_index"] for found in get_sentence_boundaries(language, text)]
    except BaseException as error:
        # A Rust panic derives from BaseException, so that `except Exception` would let it end the request.
        if type(error).__name__ != "PanicException":
            raise
        return [match.end() for match in _TERMINATOR.finditer(text)]


def _core(text: str, start: int, end: int) -> Segment | None:
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    end = start + len(text[start:end].rstrip(_TRAIL))
    return Segment(start, end) if _WORD.search(text, start, end) else None

"""Inline tags carried over to a translation by the alignment of words.

What is between segments was copied, so tags there keep their place exactly. A tag within a segment goes round the
words that say what its own words said. What comes out is valid always (app/documents/nesting.py); where the
alignment is weak the tag goes to the ends of its segment, and that is told.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents.alignment import Aligned, Link, Span, words
from app.documents.format import InlineTag, TagKind, Translated, Unit
from app.documents.kept import Kept, Restored, restore
from app.documents.nesting import faults
from app.documents.untangle import untangle
from models.links import shifted

FORMATTING_APPROXIMATE = "formatting_approximate"
"""The flag of a segment in which a tag may stand in the wrong place."""
_SURE = 0.5
"""Confidence from which an alignment is believed."""


@dataclass(frozen=True, slots=True)
class TranslatedSegment:
    """A range of the unit's text and what stands in its place."""

    start: int
    end: int
    text: str
    links: tuple[Link, ...] = ()
    """In offsets from the segment's start and from the start of `text`. None at all: nothing is known."""


@dataclass(frozen=True, slots=True)
class Placement:
    translated: Translated
    """With every kept text as it was in the source, which may change what the engine wrote."""
    approximate: tuple[int, ...]
    """Numbers of the segments that deserve the flag."""


def place(unit: Unit, segments: Sequence[TranslatedSegment]) -> Placement:
    """`segments` in order and disjoint, as `app.segmentation.split` cuts the unit's text."""
    if not unit.tags:
        return Placement(Translated("".join(piece.text for piece in _pieces(unit, segments))), ())
    pieces = list(_merged(list(_pieces(unit, segments)), unit))
    if all(piece.exact for piece in pieces):
        return Placement(Translated(unit.text, unit.tags), ())
    placer = _Placer(unit, pieces)
    translated = placer.aligned()
    if any(faults(translated.text, translated.tags)):
        translated = placer.at_ends()
    return Placement(translated, tuple(sorted(placer.doubtful)))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A segment, several that share a kept text, or what was copied between them."""

    start: int
    end: int
    text: str
    links: tuple[Link, ...] = ()
    numbers: tuple[int, ...] = ()
    """Of its segments."""
    exact: bool = False
    """Copied: every offset is known."""


class _Placer:
    def __init__(self, unit: Unit, pieces: Sequence[_Piece]) -> None:
        self._unit = unit
        self._pieces = pieces
        self._starts = [piece.start for piece in pieces]
        self.doubtful: set[int] = set()

    def aligned(self) -> Translated:
        kept = [self._restored(piece) for piece in self._pieces]
        self._texts = [each.text for each in kept]
        self._offsets = _offsets(self._texts)
        self._views = [Aligned(each.text, each.links) for each in kept]
        self._partial = [self._inside(piece) for piece in self._pieces]
        fixed = {
            number: (offset + start, offset + end)
            for offset, each in zip(self._offsets, kept, strict=True)
            for number, (start, end) in each.spans.items()
        }
        ranges = [
            fixed[number] if number in fixed else self._range(tag)
            for number, tag in enumerate(self._unit.tags)
        ]
        text = "".join(self._texts)
        moved = untangle(len(text), self._unit.tags, ranges)
        for number in moved:
            self._doubt(self._unit.tags[number])
        return Translated(text, _with(self._unit.tags, ranges))

    def at_ends(self) -> Translated:
        """Whatever the tags: all that are within a segment stand at its end, in the order of the source."""
        texts: list[str] = []
        ranges = [[0, 0] for _ in self._unit.tags]
        offset = 0
        for piece in self._pieces:
            ends = _Ends(piece, offset, self._kept(piece))
            texts.append(ends.text)
            for number, tag in enumerate(self._unit.tags):
                for side, place in enumerate((tag.start, tag.end)):
                    if piece.start <= place <= piece.end:
                        ranges[number][side] = ends.at(place, opens=side == 0 and tag.kind is TagKind.KEPT)
            offset += len(ends.text)
            self.doubtful.update(() if piece.exact else piece.numbers)
        return Translated("".join(texts), _with(self._unit.tags, [(start, end) for start, end in ranges]))

    def _kept(self, piece: _Piece) -> list[Kept]:
        return [
            Kept(
                number, (tag.start - piece.start, tag.end - piece.start), self._unit.text[tag.start : tag.end]
            )
            for number, tag in enumerate(self._unit.tags)
            if tag.kind is TagKind.KEPT and piece.start <= tag.start < tag.end <= piece.end
        ]

    def _restored(self, piece: _Piece) -> Restored:
        if piece.exact:
            return Restored(piece.text, (), {}, sure=True)
        found = restore(piece.text, piece.links, self._kept(piece), least=_SURE)
        if not found.sure:
            self.doubtful.update(piece.numbers)
        return found

    def _inside(self, piece: _Piece) -> int:
        """How many tags cover a part of the piece."""
        return sum(
            tag.kind is TagKind.PAIR and tag.start < piece.end and tag.end > piece.start
            and not (tag.start <= piece.start and piece.end <= tag.end)
            for tag in self._unit.tags
        )  # fmt: skip

    def _range(self, tag: InlineTag) -> Span:
        if tag.start == tag.end:
            point = self._point(tag)
            return point, point
        first, last = self._piece_at(tag.start), self._piece_at(tag.end - 1)
        if first == last:
            return self._part(first, tag.start, tag.end)
        start = self._part(first, tag.start, self._pieces[first].end)[0]
        return start, self._part(last, self._pieces[last].start, tag.end)[1]

    def _part(self, number: int, start: int, end: int) -> Span:
        """Where the range [start, end) of the source, which is within one piece, is in the translation."""
        piece, offset, text = self._pieces[number], self._offsets[number], self._texts[number]
        low, high = start - piece.start, end - piece.start
        if piece.exact:
            return offset + low, offset + high
        if (whole := _covering(self._unit.text[piece.start : piece.end], text, low, high)) is not None:
            return offset + whole[0], offset + whole[1]
        spoken = any(map(str.isalnum, self._unit.text[start:end]))
        found = self._views[number].find(low, high, spoken=spoken)
        if found and found.confidence >= _SURE:
            return offset + found.start, offset + found.end
        self.doubtful.update(piece.numbers)
        if self._partial[number] <= 1:
            return offset, offset + len(text)
        guessed = _proportional(piece, text, low, high)
        return offset + guessed[0], offset + guessed[1]

    def _point(self, tag: InlineTag) -> int:
        number = self._piece_at(tag.start, after=False)
        piece, offset, text = self._pieces[number], self._offsets[number], self._texts[number]
        low = tag.start - piece.start
        if piece.exact or low == 0:
            return offset + min(low, len(text))
        source = self._unit.text[piece.start : piece.end]
        if low == len(source):
            return offset + len(text)
        for start, end, side in _neighbours(source, low):
            found = self._views[number].strongest(start, end)
            if found and found.confidence >= _SURE:
                return offset + (found.end if side == "before" else found.start)
        self.doubtful.update(piece.numbers)
        return offset + len(text)

    def _piece_at(self, place: int, *, after: bool = True) -> int:
        """The piece that holds the character at `place`; or, not `after`, the one that ends there at the latest."""
        number = bisect_right(self._starts, place) - 1
        if not after and number > 0 and self._starts[number] == place and self._pieces[number].exact:
            return number
        return max(0, min(number, len(self._pieces) - 1))

    def _doubt(self, tag: InlineTag) -> None:
        for piece in self._pieces:
            if piece.start <= tag.end and tag.start <= piece.end and not piece.exact:
                self.doubtful.update(piece.numbers)


class _Ends:
    """A piece with its kept texts written once more, in order, at its end."""

    def __init__(self, piece: _Piece, offset: int, kept: Sequence[Kept]) -> None:
        self._piece, self._offset = piece, offset
        self._kept = [] if piece.exact else kept
        self.text = piece.text + "".join(f" {each.text}" for each in self._kept)

    def at(self, place: int, *, opens: bool) -> int:
        """`opens`: what is asked for is where a kept text begins."""
        low = place - self._piece.start
        if self._piece.exact:
            return self._offset + low
        if low == 0 and not opens:
            return self._offset
        before = sum(len(each.text) + 1 for each in self._kept if each.source[1] <= low)
        return self._offset + len(self._piece.text) + before + opens


def _pieces(unit: Unit, segments: Sequence[TranslatedSegment]) -> Iterator[_Piece]:
    position = 0
    for number, segment in enumerate(segments):
        if segment.start > position:
            yield _Piece(position, segment.start, unit.text[position : segment.start], exact=True)
        exact = segment.text == unit.text[segment.start : segment.end]
        yield _Piece(segment.start, segment.end, segment.text, segment.links, (number,), exact)
        position = segment.end
    if position < len(unit.text) or not segments:
        yield _Piece(position, len(unit.text), unit.text[position:], exact=True)


def _merged(pieces: Sequence[_Piece], unit: Unit) -> Iterator[_Piece]:
    """No kept text is in two pieces, unless both were copied."""
    kept = iter([(tag.start, tag.end) for tag in unit.tags if tag.kind is TagKind.KEPT])
    start, end = next(kept, (len(unit.text), len(unit.text)))
    group: list[_Piece] = []
    for piece in pieces:
        group.append(piece)
        while end <= piece.end and (start, end) != (len(unit.text), len(unit.text)):
            start, end = next(kept, (len(unit.text), len(unit.text)))
        if start < piece.end < end:
            continue
        yield group[0] if len(group) == 1 else _joined(group)
        group = []
    if group:
        yield _joined(group)


def _joined(group: Sequence[_Piece]) -> _Piece:
    start = group[0].start
    links: list[Link] = []
    offset = 0
    for piece in group:
        known = [Link(span, span, 1.0) for span in words(piece.text)] if piece.exact else piece.links
        links += (shifted(link, piece.start - start, offset) for link in known)
        offset += len(piece.text)
    return _Piece(
        start,
        group[-1].end,
        "".join(piece.text for piece in group),
        tuple(links),
        tuple(number for piece in group for number in piece.numbers),
        exact=all(piece.exact for piece in group),
    )


def _offsets(texts: Iterable[str]) -> list[int]:
    found = [0]
    for text in texts:
        found.append(found[-1] + len(text))
    return found[:-1]


def _with(tags: Sequence[InlineTag], ranges: Sequence[Span]) -> tuple[InlineTag, ...]:
    return tuple(replace(tag, start=start, end=end) for tag, (start, end) in zip(tags, ranges, strict=True))


def _covering(source: str, text: str, low: int, high: int) -> Span | None:
    """All words of the translation, where the range holds all words of the source."""
    spoken = [span for span in words(source) if source[span[0]].isalnum()]
    if any(start < low or end > high for start, end in spoken):
        return None
    said = [span for span in words(text) if text[span[0]].isalnum()]
    if not said or not spoken:
        return (0, len(text)) if spoken else None
    return (0 if low == 0 else said[0][0]), (len(text) if high == len(source) else said[-1][1])


def _proportional(piece: _Piece, text: str, low: int, high: int) -> Span:
    """Where the range would be if the translation went along with its source, in whole words."""
    found = words(text)
    if not found:
        return 0, len(text)
    size = piece.end - piece.start
    first = min(len(found) - 1, round(low / size * len(found)))
    last = min(len(found), max(first + 1, round(high / size * len(found))))
    return found[first][0], found[last - 1][1]


def _neighbours(source: str, low: int) -> Iterator[tuple[int, int, str]]:
    """The words beside a point, the one that it touches first: a note's number belongs to the word before it."""
    spans = words(source)
    before = [span for span in spans if span[0] < low]
    after = [span for span in spans if span[0] >= low]
    touching = bool(after) and after[0][0] == low and source[low - 1].isspace()
    sides = [(*before[-1], "before")] if before else []
    if after:
        sides.insert(0 if touching else len(sides), (*after[0], "after"))
    yield from sides

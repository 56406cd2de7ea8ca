"""Formats that are text with places in it: everything between the places is copied.

A place may hold tags, and a tag's own markup may hold another place (the alternative text of an image in a
sentence), so that the inner ones are filled first.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.documents.encoding import UNDECODED, Source
from app.documents.format import Document, Note, TagKind, Translated, Unit
from app.documents.limits import Limits
from app.documents.nesting import Step, check, events, unchanged

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a tag is written in the source: its opening and, of a pair, its closing."""

    opening: Span
    closing: Span | None = None
    tail: Span | None = None
    """Written after the closing when its text is no longer that of the source, which it also names (Markdown)."""


@dataclass(frozen=True, slots=True)
class Place:
    start: int
    end: int
    marks: tuple[Mark, ...] = ()
    """One for each tag of the unit."""
    form: tuple[str, ...] = ()
    """How the format writes here: in an attribute, in a quoted cell."""


@dataclass(frozen=True, slots=True)
class Template:
    source: Source
    places: tuple[Place, ...]
    """One a unit."""


class Builder:
    """Gathers units with their places, and leaves out what nobody would translate."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.source = source
        self.units: list[Unit] = []
        self._places: list[Place] = []
        self._limits = limits
        self._undecoded = 0

    def add(self, place: Place, unit: Unit) -> bool:
        """Whether it was taken."""
        if UNDECODED.search(unit.text):
            self._undecoded += 1
            return False
        if not has_letters(unit):
            return False
        self.units.append(unit)
        self._places.append(place)
        self._limits.check_units(len(self.units))
        return True

    def plain(self, start: int, end: int, location: str, *form: str) -> None:
        """The source's own characters, without the white space at their edges."""
        whole = self.source.text[start:end]
        text = whole.strip()
        start += len(whole) - len(whole.lstrip())
        self.add(Place(start, start + len(text), form=form), Unit(text, location=location))

    def document(self, name: str, *, notes: Sequence[Note] = ()) -> Document:
        found = list(notes)
        if self._undecoded:
            found.append(
                Note(
                    "undecodable",
                    f"{self._undecoded} pieces of text hold broken characters and were left as they are.",
                )
            )
        return Document(name, tuple(self.units), Template(self.source, tuple(self._places)), tuple(found))


@dataclass(frozen=True, slots=True)
class Patch:
    start: int
    end: int
    text: str


Write = Callable[[str, Place], str]
"""Text as the format writes it in that place: escaped, quoted."""
Render = Callable[["Pieces", Place, Translated], str]
"""The whole of a place anew; what is copied into it is taken from the pieces, where inner places are filled."""


def fill(
    template: Template,
    units: Sequence[Unit],
    translations: Sequence[Translated | None],
    *,
    write: Write,
    lay: Write | None = None,
    more: Iterable[Patch] = (),
    always: bool = False,
    render: Render | None = None,
) -> str:
    """The source's text with each changed unit written anew.

    `lay` sees the whole of a unit as written, markup included: to wrap it. `more`: other changes, outside the
    places. `always`: also where a translation equals its source, for formats that keep both. `render`: how every
    place is written, where a tag is more than its opening and its closing.
    """
    inner: list[Patch] = list(more)
    outer: list[tuple[Place, Translated]] = []
    for place, unit, translated in zip(template.places, units, translations, strict=True):
        if translated is None or (unchanged(unit, translated) and not always):
            continue
        check(unit, translated)
        if place.marks or render:
            outer.append((place, translated))
        else:
            inner.append(Patch(place.start, place.end, _laid(write(translated.text, place), place, lay)))
    text = template.source.text
    anew = render or (lambda pieces, place, to: _laid(_render(pieces, place, to, write), place, lay))
    return Pieces(text, _nested(text, inner, outer, anew)).between(0, len(text))


def _nested(
    text: str, inner: Sequence[Patch], outer: Sequence[tuple[Place, Translated]], render: Render
) -> Sequence[Patch]:
    """The inner patches, and those of the outer places, which have the inner ones within them."""
    patches = inner
    for level in _levels(outer):
        pieces = Pieces(text, patches)
        made = [Patch(place.start, place.end, render(pieces, place, to)) for place, to in level]
        covered = sorted((each.start, each.end) for each in made)
        patches = made + [each for each in patches if not _within(covered, each)]
    return patches


def _levels(outer: Sequence[tuple[Place, Translated]]) -> list[list[tuple[Place, Translated]]]:
    """Places within the marks of others come before them: a footnote in a sentence."""
    levels: list[list[tuple[Place, Translated]]] = []
    opened: list[int] = []
    for each in sorted(outer, key=lambda pair: (pair[0].start, -pair[0].end)):
        while opened and opened[-1] <= each[0].start:
            opened.pop()
        if len(opened) == len(levels):
            levels.append([])
        levels[len(opened)].append(each)
        opened.append(each[0].end)
    return levels[::-1]


class Pieces:
    """A text with patches, read by the ranges of the text as it was."""

    def __init__(self, text: str, patches: Iterable[Patch]) -> None:
        self._text = text
        self.patches = sorted(patches, key=lambda each: (each.start, each.end))
        self._starts = [each.start for each in self.patches]

    def between(self, start: int, end: int) -> str:
        parts: list[str] = []
        position = start
        for number in range(bisect_left(self._starts, start), len(self.patches)):
            patch = self.patches[number]
            if patch.end > end:
                break
            parts += (self._text[position : patch.start], patch.text)
            position = patch.end
        parts.append(self._text[position:end])
        return "".join(parts)


def as_is(text: str, place: Place) -> str:
    del place
    return text


def has_letters(unit: Unit) -> bool:
    """Outside of what is kept."""
    position = 0
    for start, end in [(t.start, t.end) for t in unit.tags if t.kind is TagKind.KEPT] + [(len(unit.text), 0)]:
        if any(map(str.isalpha, unit.text[position:start])):
            return True
        position = end
    return False


def _laid(written: str, place: Place, lay: Write | None) -> str:
    return written if lay is None else lay(written, place)


def _render(pieces: Pieces, place: Place, translated: Translated, write: Write) -> str:
    parts: list[str] = []
    for event in events(translated.text, translated.tags):
        if event.step is Step.TEXT:
            parts.append(write(translated.text[event.start : event.end], place))
            continue
        mark = place.marks[event.tag]
        match event.step:
            case Step.OPEN | Step.ALONE:
                parts.append(pieces.between(*mark.opening))
            case Step.CLOSE:
                parts += (pieces.between(*span) for span in (mark.closing, mark.tail) if span)
    return "".join(parts)


def _within(covered: Sequence[Span], patch: Patch) -> bool:
    before = bisect_left(covered, (patch.start + 1, 0)) - 1
    return before >= 0 and patch.end <= covered[before][1]

"""A run of text and inline markup becomes a unit: markup round all of it stays outside, the rest becomes tags."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from app.documents.format import InlineTag, TagKind, Unit
from app.documents.splice import Mark, Place

_BLANK = " \t\n\r\f"
_SPACES = re.compile(f"[{_BLANK}]+")


class PartKind(Enum):
    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    POINT = "point"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Part:
    kind: PartKind
    start: int
    end: int
    """Where it is written."""
    text: str = ""
    """As read, of TEXT and KEPT."""
    name: str = ""
    tail: tuple[int, int] | None = None
    """Of CLOSE: see Mark."""

    @property
    def blank(self) -> bool:
        return self.kind is PartKind.POINT or (self.kind in _TEXTS and not self.text.strip(_BLANK))


_TEXTS = (PartKind.TEXT, PartKind.KEPT)


@dataclass(slots=True)
class _Growing:
    """What `unit` gathers from left to right."""

    text: list[str]
    length: int
    tags: list[InlineTag]
    marks: list[Mark]
    opened: list[int]


def unit(
    parts: Sequence[Part],
    *,
    location: str,
    language: str | None = None,
    collapse: bool = True,
    form: tuple[str, ...] = (),
) -> tuple[Place, Unit] | None:
    """None where there is nothing to read. `collapse`: white space is one space, as browsers show it."""
    partner = _partners(parts)
    low, high = _trimmed(parts, partner)
    if low >= high:
        return None
    growing = _Growing([], 0, [], [], [])
    for number in range(low, high):
        _grow(growing, parts, number, partner, collapse=collapse)
    text = "".join(growing.text)
    start, end = _edges(parts[low], parts[high - 1], collapse=collapse)
    if collapse and text.endswith(" "):
        text = text[:-1]
        growing.tags = [_within(tag, len(text)) for tag in growing.tags]
    place = Place(start, end, tuple(growing.marks), form)
    return place, Unit(text, tuple(growing.tags), location, language)


def _partners(parts: Sequence[Part]) -> dict[int, int]:
    """Numbers of openings and closings that belong together, both ways; markup that crosses other is left alone."""
    found: dict[int, int] = {}
    opened: list[int] = []
    names: Counter[str] = Counter()
    for number, part in enumerate(parts):
        if part.kind is PartKind.OPEN:
            opened.append(number)
            names[part.name] += 1
        elif part.kind is PartKind.CLOSE and names[part.name]:
            while parts[opened[-1]].name != part.name:
                names[parts[opened.pop()].name] -= 1
            found[number], found[opened[-1]] = opened[-1], number
            names[parts[opened.pop()].name] -= 1
    return found


def _trimmed(parts: Sequence[Part], partner: dict[int, int]) -> tuple[int, int]:
    low, high = 0, len(parts)
    while low < high:
        first, last = parts[low], parts[high - 1]
        if _removable(first, partner.get(low)):
            low += 1
        elif _removable(last, partner.get(high - 1)):
            high -= 1
        elif first.kind is PartKind.OPEN and partner[low] == high - 1:
            low, high = low + 1, high - 1
        else:
            break
    return low, high


def _removable(part: Part, partner: int | None) -> bool:
    return part.blank or (part.kind in (PartKind.OPEN, PartKind.CLOSE) and partner is None)


def _grow(
    growing: _Growing, parts: Sequence[Part], number: int, partner: dict[int, int], *, collapse: bool
) -> None:
    part = parts[number]
    parent = growing.opened[-1] if growing.opened else None
    here = growing.length
    if part.kind is PartKind.TEXT:
        _say(growing, part, collapse=collapse)
    elif part.kind is PartKind.KEPT:
        _say(growing, part, collapse=False)
        growing.tags.append(InlineTag(TagKind.KEPT, here, growing.length, part.name, parent))
        growing.marks.append(Mark((part.start, part.end)))
    elif number not in partner:
        growing.tags.append(InlineTag(TagKind.POINT, here, here, part.name, parent))
        growing.marks.append(Mark((part.start, part.end)))
    elif part.kind is PartKind.OPEN:
        closing = parts[partner[number]]
        growing.opened.append(len(growing.tags))
        growing.tags.append(InlineTag(TagKind.PAIR, here, here, part.name, parent))
        growing.marks.append(Mark((part.start, part.end), (closing.start, closing.end), closing.tail))
    else:
        tag = growing.opened.pop()
        old = growing.tags[tag]
        growing.tags[tag] = InlineTag(old.kind, old.start, here, old.name, old.parent)


def _say(growing: _Growing, part: Part, *, collapse: bool) -> None:
    text = part.text
    if collapse:
        text = _SPACES.sub(" ", text)
        before = growing.text[-1][-1] if growing.text else " "
        if text.startswith(" ") and before in " \n" and not _shows(growing):
            text = text[1:]
        elif text.startswith(" ") and before == " " and growing.marks[-1].opening[1] == part.start:
            # Both spaces show, the text takes one: the other goes with the image that stands between them.
            space = len(part.text) - len(part.text.lstrip(_BLANK))
            growing.marks[-1] = Mark((growing.marks[-1].opening[0], part.start + space))
            text = text[1:]
    if text:
        growing.text.append(text)
        growing.length += len(text)


def _shows(growing: _Growing) -> bool:
    """Whether the last thing is an image or the like; a comment has no name."""
    last = growing.tags[-1] if growing.tags else None
    return (
        last is not None and last.kind is TagKind.POINT and last.start == growing.length and last.name != ""
    )


def _edges(first: Part, last: Part, *, collapse: bool) -> tuple[int, int]:
    """White space at the edges is written as it stands, so that its length is what is read."""
    if not collapse:
        return first.start, last.end
    start, end = first.start, last.end
    if first.kind is PartKind.TEXT:
        start += len(first.text) - len(first.text.lstrip(_BLANK))
    if last.kind is PartKind.TEXT:
        end -= len(last.text) - len(last.text.rstrip(_BLANK))
    return start, end


def _within(tag: InlineTag, end: int) -> InlineTag:
    return InlineTag(tag.kind, min(tag.start, end), min(tag.end, end), tag.name, tag.parent)

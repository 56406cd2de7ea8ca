"""What XLIFF and TMX share: text with codes is read in one place and written in another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents import flow
from app.documents.flow import Part, PartKind
from app.documents.format import Note, Unit
from app.documents.markup import Kind, Token
from app.documents.splice import Patch, Place, Template
from app.documents.tree import Element
from app.documents.xml import local, said

_PROTECTED = re.compile(r"""\s(?:translate\s*=\s*["']no["']|mtype\s*=\s*["']protected["'])""")
_PAIRED = frozenset({"g", "pc", "mrk", "hi"})


@dataclass(frozen=True, slots=True)
class Bilingual:
    template: Template
    on_change: tuple[tuple[Patch, ...], ...] = ()
    """For each unit, what else changes once it is translated."""
    targets: tuple[frozenset[str], ...] = ()
    """For each unit, the languages that it is in already."""


def unit(text: str, source: Element, *, location: str, language: str | None) -> tuple[Place, Unit] | None:
    """The place is that of the source; its form holds the codes before and after the unit's text."""
    made = flow.unit(list(_parts(text, source.tokens)), location=location, language=language, collapse=False)
    if made is None:
        return None
    place, found = made
    start, end = source.inner
    return replace(place, form=(text[start : place.start], text[place.end : end])), found


def at(place: Place, start: int, end: int, *, opening: str = "", closing: str = "") -> Place:
    """The same unit, written between two offsets."""
    before, after = place.form
    return replace(place, start=start, end=end, form=(opening + before, after + closing))


def lay(written: str, place: Place) -> str:
    before, after = place.form
    return f"{before}{written}{after}"


def indentation(text: str, start: int) -> str:
    """The line break and blanks before an offset, if there is nothing else before it on its line."""
    line = text.rfind("\n", 0, start)
    before = text[max(line, 0) : start]
    return before if line >= 0 and not before.strip() else ""


def already(skipped: int) -> Sequence[Note]:
    return [Note("already_translated", f"{skipped} texts had a translation and keep it.")] if skipped else []


def _parts(text: str, tokens: Sequence[Token]) -> Iterator[Part]:
    """Codes with text of the original format inside (`ph`, `bpt`) are points as a whole."""
    code: list[Token] = []
    depth = 0
    for token in tokens:
        if depth or _is_code(text, token):
            code.append(token)
            depth += (token.kind is Kind.START and not token.closed) - (token.kind is Kind.END)
            if not depth:
                yield _code(text, code)
                code = []
        else:
            yield _part(text, token)


def _is_code(text: str, token: Token) -> bool:
    if token.kind is not Kind.START:
        return False
    return local(token.name) not in _PAIRED or bool(_PROTECTED.search(text, token.start, token.end))


def _code(text: str, tokens: Sequence[Token]) -> Part:
    opening = tokens[0]
    read = ""
    if local(opening.name) == "mrk":
        read = "".join(said(text, each).text for each in tokens if each.kind in (Kind.TEXT, Kind.CDATA))
    kind = PartKind.KEPT if read else PartKind.POINT
    return Part(kind, opening.start, tokens[-1].end, read, local(opening.name))


def _part(text: str, token: Token) -> Part:
    name = local(token.name)
    if token.kind is Kind.START:
        kind = PartKind.POINT if token.closed else PartKind.OPEN
        return Part(kind, token.start, token.end, name=name)
    if token.kind is Kind.END:
        return Part(PartKind.CLOSE, token.start, token.end, name=name)
    if token.kind is Kind.OTHER:
        return Part(PartKind.POINT, token.start, token.end)
    return said(text, token)

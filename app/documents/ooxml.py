"""Office Open XML: which parts hold text that a reader sees, and where their paragraphs are."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from app.documents import package, xml
from app.documents.archive import Archive
from app.documents.encoding import Source
from app.documents.format import Composed, Document, InlineTag, Note, Options, Translated, Unit
from app.documents.limits import Limits
from app.documents.markup import attributes
from app.documents.package import Current, Shelf, embedded, macros, signed
from app.documents.runs import Dialect, paragraph, renderer
from app.documents.sample import Sample
from app.documents.splice import Place
from app.documents.tree import Element, root
from app.documents.words import is_prose
from app.errors import DamagedDocument

TYPES = "[Content_Types].xml"
_MAIN = "/main"
_PARAGRAPHS = frozenset({"p", "si", "is", "text"})
_DESCRIBED = frozenset({"docPr", "cNvPr"})
_HOLDERS = frozenset(
    {"hyperlink", "ins", "moveTo", "sdt", "smartTag", "fldSimple", "customXml", "dir", "bdo"}
)
WORD = Dialect(_HOLDERS, strips=True)
DRAWING = Dialect(frozenset(), frozenset({"fld"}))
SHEET = Dialect(frozenset())
Keeps = Callable[[Unit], bool]
"""Whether a unit is left as it is."""
Skips = Callable[[Element], bool]
"""Whether an element and all in it is never shown."""
Locate = Callable[[int], str]
"""Where the paragraph of that number, from 1, is."""
_Seen = dict[tuple[str, tuple[InlineTag, ...]], int]


@dataclass(frozen=True, slots=True)
class Kind:
    """A format's file types differ in the type of their main part."""

    main: str
    suffix: str
    media_type: str


@dataclass(frozen=True, slots=True)
class PartKind:
    content_type: str
    """How the content type ends, without `+xml`."""
    label: str
    """For locations."""


class Office:
    """What Word, PowerPoint and Excel files have in common."""

    name = ""
    title = ""
    folder = ""
    kinds: tuple[Kind, ...] = ()
    parts: tuple[PartKind, ...] = ()
    """In reading order."""

    @property
    def media_types(self) -> tuple[str, ...]:
        return tuple(kind.media_type for kind in self.kinds)

    @property
    def suffixes(self) -> tuple[str, ...]:
        return tuple(kind.suffix for kind in self.kinds)

    def sniff(self, sample: Sample) -> float:
        if TYPES not in sample.members:
            return 0.0
        return 0.9 if any(name.startswith(self.folder) for name in sample.members) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        archive = Archive.read(data, options.limits)
        types = content_types(archive, options.limits)
        kind = next((kind for kind in self.kinds if kind.main in types.values()), None)
        if kind is None:
            raise DamagedDocument(f"The file is no {self.title}: it has no main part.")
        shelf = Shelf(options.limits)
        notes = self.read(shelf, archive, types, options)
        return shelf.document(
            self.name,
            archive,
            kind=kind.suffix,
            notes=[*notes, *embedded(archive), *macros(archive), *signed(archive)],
        )

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        data = package.compose(
            document,
            translations,
            render=renderer(target),
            extra=lambda current: self.language(current, target) if target else {},
        )
        kind = next(kind for kind in self.kinds if kind.suffix == document.skeleton.kind)
        return Composed(data, kind.media_type, kind.suffix)

    def read(
        self, shelf: Shelf, archive: Archive, types: Mapping[str, str], options: Options
    ) -> Sequence[Note]:
        for name, label, source in self.sources(archive, types, options.limits):
            paragraphs(shelf, source, label)
            shelf.close(name, source)
        return ()

    def sources(
        self, archive: Archive, types: Mapping[str, str], limits: Limits
    ) -> Iterator[tuple[str, str, Source]]:
        """Name, label for people and text of the parts, in reading order."""
        for name, label in self._reading_order(types):
            if (content := archive.data(name)) is not None:
                yield name, label, xml.parsed(content, limits)

    def language(self, current: Current, target: str) -> dict[str, bytes]:
        """Parts that state the language of all text."""
        del current, target
        return {}

    def _reading_order(self, types: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for kind in self.parts:
            found = [name for name, stated in types.items() if stated.endswith(kind.content_type)]
            for name in sorted(found, key=_natural):
                number = re.search(r"(\d+)\.xml$", name)
                yield name, f"{kind.label} {number[1]}" if number else kind.label


def content_types(archive: Archive, limits: Limits) -> dict[str, str]:
    """Types of the parts that state one of their own, without `+xml`, by name. Raises DamagedDocument."""
    data = archive.data(TYPES)
    if data is None:
        raise DamagedDocument("The archive has no list of its parts.")
    top = root(xml.parsed(data, limits).text)
    return {
        each.values.get("PartName", "").removeprefix("/"): each.values.get("ContentType", "").removesuffix(
            "+xml"
        )
        for each in top.children
        if each.name == "Override"
    }


def paragraphs(
    shelf: Shelf,
    source: Source,
    label: str,
    *,
    keeps: Keeps | None = None,
    locate: Locate | None = None,
    skips: Skips | None = None,
    cached: bool = True,
) -> None:
    """Every paragraph of Word's and drawings', every string of a sheet, and descriptions of pictures.

    `cached`: with what charts show of the cells of their table, which is nowhere else to be seen.
    """
    locate = locate or (lambda number: f"{label}, paragraph {number}")
    _Walker(shelf, source.text, label, keeps, locate, skips=skips, cached=cached).walk(
        root(source.text), None
    )


class _Walker:
    def __init__(
        self,
        shelf: Shelf,
        text: str,
        label: str,
        keeps: Keeps | None,
        locate: Locate,
        *,
        skips: Skips | None,
        cached: bool,
    ) -> None:
        self._skips = skips
        self._cached = cached
        self._shelf = shelf
        self._text = text
        self._label = label
        self._keeps = keeps
        self._locate = locate
        self._spaces = _namespaces(text)
        self._number = 0

    def walk(self, element: Element, seen: _Seen | None) -> None:
        """`seen`: units of the branch of an alternative before this one, whose paragraphs may be the same."""
        if self._skips and self._skips(element):
            return
        if element.name == "AlternateContent":
            found: _Seen = {} if seen is None else seen
            for branch in element.children:
                self.walk(branch, found)
            return
        if element.name in _PARAGRAPHS and (dialect := self._dialect(element)):
            self._paragraph(element, dialect, seen)
        elif element.name == "text" and not element.children and not element.opening.closed:
            self._comment(element)
        elif element.name == "strCache" and self._cached:
            for point in element.children:
                self._shown(point)
            return
        if element.name in _DESCRIBED:
            self._description(element)
        for child in element.children:
            self.walk(child, seen)

    def _dialect(self, element: Element) -> Dialect | None:
        space = self._spaces.get(element.opening.name.rpartition(":")[0], "")
        if element.name == "p":
            return WORD if "wordprocessingml" in space else DRAWING if "drawingml" in space else None
        return SHEET if "spreadsheetml" in space and (element.children or element.name != "text") else None

    def _paragraph(self, element: Element, dialect: Dialect, seen: _Seen | None) -> None:
        self._number += 1
        made = paragraph(self._text, element, dialect, self._locate(self._number))
        if made is None or (self._keeps and self._keeps(made[1])):
            return
        place, unit = made
        key = (unit.text, unit.tags)
        if seen is not None and key in seen:
            self._shelf.again(place, seen[key])
            return
        number = self._shelf.add(place, unit)
        if seen is not None and number is not None:
            seen[key] = number

    def _shown(self, point: Element) -> None:
        for value in point.children:
            if value.name == "v" and is_prose(unescape(self._text[slice(*value.inner)])):
                self._comment(value)

    def _comment(self, element: Element) -> None:
        start, end = element.inner
        said = unescape(self._text[start:end])
        self._shelf.add(Place(start, end), Unit(said, location=self._label))

    def _description(self, element: Element) -> None:
        for each in attributes(self._text, element.opening):
            if each.name not in ("descr", "title"):
                continue
            said = unescape(self._text[each.start : each.end])
            if is_prose(said):
                self._shelf.add(Place(each.start, each.end), Unit(said, location=f"{self._label}, picture"))


def _namespaces(text: str) -> dict[str, str]:
    """By prefix. No program writes two for one prefix."""
    return {
        prefix: space
        for prefix, space in re.findall(r"""\sxmlns:?([\w.-]*)\s*=\s*["']([^"']*)""", text)
        if space.endswith(_MAIN)
    }


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(piece or 0) if piece.isdigit() else -1, piece) for piece in re.split(r"(\d+)", name)]

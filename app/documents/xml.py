"""XML of any kind: text between tags. Where an element holds both text and elements, those are inline."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape
from xml.parsers import expat

from app.documents import flow, html
from app.documents.encoding import Source, decode
from app.documents.flow import Part, PartKind
from app.documents.format import Composed, Document, Options, Translated, Unit
from app.documents.limits import Limits
from app.documents.markup import CDATA_CLOSE, CDATA_OPEN, Kind, Lines, Scanner, Token, attributes
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, Template, fill
from app.documents.words import is_prose
from app.documents.written import composed, fitting
from app.errors import DamagedDocument

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
_BEGIN = re.compile(r"\s*<(?:\?xml\s|!--|!DOCTYPE\s|[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>)")
_HTML_WITHIN = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")


class Xml:
    name = "xml"
    title = "XML"
    media_types = ("application/xml", "text/xml")
    suffixes = (".xml", ".rss", ".atom", ".svg", ".resx")

    def sniff(self, sample: Sample) -> float:
        if sample.text is None or not _BEGIN.match(sample.text):
            return 0.0
        return 0.7 if sample.text.lstrip().startswith("<?xml") else 0.35

    def extract(self, data: bytes, options: Options) -> Document:
        builder = Builder(parsed(data, options.limits), options.limits)
        walker = _Walker(builder, options)
        for token in Scanner(builder.source.text, xml=True).tokens():
            walker.take(token)
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        template: Template = document.skeleton
        text = fill(template, document.units, translations, write=writer(template))
        return composed(self, template.source, text)


def parsed(data: bytes, limits: Limits) -> Source:
    """Well-formed XML without entities of its own, as text; nothing that it points to is opened.

    Raises DamagedDocument or TooLarge.
    """
    limits.check_bytes(len(data))
    stated = _DECLARED.match(data[:400].lstrip())
    source = decode(data, stated[1].decode("ascii") if stated else None)
    _check(source.text, limits)
    return source


def writer(template: Template) -> Callable[[str, Place], str]:
    fit = fitting(template.source, lambda character: f"&#{ord(character)};")
    write_html = html.writer(template)

    def write(text: str, place: Place) -> str:
        match place.form:
            case ("cdata",):
                return text.replace(CDATA_CLOSE, f"]]{CDATA_CLOSE}{CDATA_OPEN}>")
            case ("text" | "attribute", *_):
                return write_html(text, place)
        return fit(escaped(text))

    return write


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def local(name: str) -> str:
    return name.rpartition(":")[2]


def values(text: str, token: Token) -> dict[str, str]:
    return {each.name: unescape(text[each.start : each.end]) for each in attributes(text, token)}


def _check(text: str, limits: Limits) -> None:
    parser = expat.ParserCreate("utf-8")
    depth = 0

    def start(name: str, found: dict[str, str]) -> None:
        nonlocal depth
        del name, found
        depth += 1
        limits.check_depth(depth)

    def end(name: str) -> None:
        nonlocal depth
        del name
        depth -= 1

    def entity(*_: object) -> None:
        raise DamagedDocument("The XML declares entities of its own, which are not expanded here.")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise DamagedDocument(f"The XML is not well-formed at line {error.lineno}.") from error


@dataclass(frozen=True, slots=True)
class _Element:
    language: str | None = None
    preserved: bool = False
    """White space is text."""
    chosen: bool = False
    inline: bool = False
    """Within a unit."""
    holds: bool = False
    """Text of its own."""


@dataclass(slots=True)
class _Skipped:
    """An element that is not to be translated."""

    start: int
    name: str
    texts: list[str] = field(default_factory=list)
    depth: int = 1


class _Walker:
    """One unit for each outermost element that holds text of its own."""

    def __init__(self, builder: Builder, options: Options) -> None:
        self._builder = builder
        self._text = builder.source.text
        self._elements = options.elements
        self._kept = frozenset(options.kept)
        self._outline = _outline(self._text, options)
        self._number = -1
        self._open = [_Element(chosen=options.elements is None)]
        self._parts: list[Part] = []
        self._skipped: _Skipped | None = None
        self._lines = Lines(self._text)

    def take(self, token: Token) -> None:
        self._number += token.kind is Kind.START
        if self._skipped is not None:
            self._skip(token, self._skipped)
        elif token.kind is Kind.START:
            self._start(token)
        elif token.kind is Kind.END:
            self._end(token)
        elif token.kind is Kind.OTHER:
            self._parts.append(Part(PartKind.POINT, token.start, token.end))
        else:
            self._parts.append(said(self._text, token))

    def _start(self, token: Token) -> None:
        found = values(self._text, token)
        named = "no" in (found.get("translate"), found.get("its:translate")) or token.name in self._kept
        if named and not token.closed:
            self._skipped = _Skipped(token.start, token.name)
            return
        element = self._element(token, found)
        if not element.inline:
            self._flush(self._open[-1])
        else:
            kind = PartKind.POINT if token.closed else PartKind.OPEN
            self._parts.append(Part(kind, token.start, token.end, name=token.name))
        if not token.closed:
            self._open.append(element)

    def _element(self, token: Token, found: dict[str, str]) -> _Element:
        above = self._open[-1]
        space = found.get("xml:space")
        return _Element(
            language=found.get("xml:lang", above.language),
            preserved=above.preserved if space is None else space == "preserve",
            chosen=above.chosen or local(token.name) in (self._elements or ()),
            inline=(above.inline or above.holds) and self._number not in self._outline.splitting,
            holds=self._number in self._outline.holding,
        )

    def _end(self, token: Token) -> None:
        element = self._open.pop()
        if element.inline:
            self._parts.append(Part(PartKind.CLOSE, token.start, token.end, name=token.name))
            return
        self._flush(element)

    def _skip(self, token: Token, skipped: _Skipped) -> None:
        if token.kind in (Kind.TEXT, Kind.CDATA):
            skipped.texts.append(said(self._text, token).text)
        skipped.depth += (token.kind is Kind.START and not token.closed) - (token.kind is Kind.END)
        if skipped.depth == 0:
            read = " ".join("".join(skipped.texts).split())
            kind = PartKind.KEPT if read else PartKind.POINT
            self._parts.append(Part(kind, skipped.start, token.end, read, skipped.name))
            self._skipped = None

    def _flush(self, element: _Element) -> None:
        """What was gathered directly in the element, up to a tag that splits it or ends it."""
        if element.holds and element.chosen and not element.inline:
            self._add(element)
        self._parts = []

    def _add(self, element: _Element) -> None:
        written = [part for part in self._parts if not part.blank]
        location = f"line {self._lines.of(written[0].start)}" if written else ""
        if len(written) == 1 and self._text.startswith(CDATA_OPEN, written[0].start):
            self._verbatim(written[0], location, element.language)
            return
        made = flow.unit(
            self._parts,
            location=location,
            language=element.language,
            collapse=not element.preserved,
            form=("xml",),
        )
        if made and is_prose(made[1].text):
            self._builder.add(*made)

    def _verbatim(self, part: Part, location: str, language: str | None) -> None:
        """CDATA alone in its element: often HTML, as in feeds."""
        start, end = part.start + len(CDATA_OPEN), part.end - len(CDATA_CLOSE)
        if _HTML_WITHIN.search(self._text, start, end):
            html.walk(self._builder, start, end)
            return
        whole = self._text[start:end]
        start += len(whole) - len(whole.lstrip())
        text = whole.strip()
        if is_prose(text):
            place = Place(start, start + len(text), form=("cdata",))
            self._builder.add(place, Unit(text, location=location, language=language))


def said(text: str, token: Token) -> Part:
    written = text[token.start : token.end]
    if token.kind is Kind.CDATA:
        written = written[len(CDATA_OPEN) : -len(CDATA_CLOSE)].strip()
        return Part(PartKind.TEXT, token.start, token.end, written)
    return Part(PartKind.TEXT, token.start, token.end, unescape(written))


@dataclass(frozen=True, slots=True)
class _Outline:
    """Numbers of elements, in the order of their start tags."""

    holding: frozenset[int]
    """Those with text between their own tags."""
    splitting: frozenset[int]
    """Those that end a unit where they begin: by their names, or because one within them does."""


def _outline(text: str, options: Options) -> _Outline:
    holding: set[int] = set() if options.outlined else {0}
    splitting: set[int] = set()
    opened = [-1]
    number = -1
    for token in Scanner(text, xml=True).tokens():
        if token.kind is Kind.START:
            number += 1
            if token.name in options.splitting:
                splitting.update((number, *opened))
            if token.name in options.joining:
                holding.add(opened[-1])
            if not token.closed:
                opened.append(number)
        elif token.kind is Kind.END:
            opened.pop()
        elif token.kind is Kind.CDATA or (token.kind is Kind.TEXT and text[token.start : token.end].strip()):
            holding.add(opened[-1])
    return _Outline(frozenset(holding), frozenset(splitting))

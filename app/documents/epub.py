"""Books: chapters as HTML, in the order in which they are read, then tables of contents and the title."""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from app.documents import html, package, xml
from app.documents.archive import Archive
from app.documents.encoding import decode
from app.documents.format import Composed, Document, Options, Translated, Unit
from app.documents.limits import Limits
from app.documents.package import Current, Shelf, located
from app.documents.sample import Sample
from app.documents.splice import Builder, Patch, Place, Template, Write
from app.documents.tree import Element, root
from app.errors import DamagedDocument, EncryptedDocument

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_ALGORITHM = re.compile(rb"""Algorithm\s*=\s*["']([^"']+)["']""")
_FONTS = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
"""Fonts that are made unreadable outside of the book: no password."""
_PAGES = ("application/xhtml+xml", "text/html")
_CONTENTS = "application/x-dtbncx+xml"
_LANGUAGE = re.compile(rb"(<dc:language\b[^>]*>)[^<]*(</)")


class Epub:
    name = "epub"
    title = "EPUB book"
    media_types = ("application/epub+zip",)
    suffixes = (".epub",)

    def sniff(self, sample: Sample) -> float:
        if _CONTAINER not in sample.members:
            return 0.0
        return 0.95 if b"mimetypeapplication/epub+zip" in sample.data[:200] else 0.5

    def extract(self, data: bytes, options: Options) -> Document:
        archive = Archive.read(data, options.limits)
        locked = set(_ALGORITHM.findall(archive.data(_ENCRYPTION) or b"")) - set(_FONTS)
        if locked:
            raise EncryptedDocument("The book is protected against copying and cannot be read.")
        shelf = Shelf(options.limits)
        book = _book(archive, options.limits)
        for name in book.pages:
            _page(shelf, archive, name, options.limits)
        for name in book.contents:
            _labels(shelf, archive, name, ("text",), options.limits)
        _labels(shelf, archive, book.name, ("title", "description"), options.limits)
        return shelf.document(self.name, archive, kind=book.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        data = package.compose(
            document,
            translations,
            writer=_writer,
            more=lambda template: _patches(template, target),
            extra=lambda current: _stated(current, document.skeleton.kind, target),
        )
        return Composed(data, self.media_types[0], self.suffixes[0])


@dataclass(frozen=True, slots=True)
class _Book:
    name: str
    pages: tuple[str, ...]
    contents: tuple[str, ...]


def _book(archive: Archive, limits: Limits) -> _Book:
    container = archive.data(_CONTAINER)
    links = _elements(container, "rootfile", limits) if container is not None else ()
    name = next((each.values.get("full-path", "") for each in links), "")
    data = archive.data(name)
    if data is None:
        raise DamagedDocument("The book has no list of its chapters.")
    folder = posixpath.dirname(name)
    items = {
        each.values.get("id", ""): (
            posixpath.normpath(posixpath.join(folder, unquote(each.values.get("href", "")))),
            each.values.get("media-type", ""),
        )
        for each in _elements(data, "item", limits)
    }
    order = [each.values.get("idref", "") for each in _elements(data, "itemref", limits)]
    read = [each for each in dict.fromkeys([*order, *items]) if each in items]
    return _Book(
        name,
        tuple(dict.fromkeys(items[each][0] for each in read if items[each][1] in _PAGES)),
        tuple(dict.fromkeys(items[each][0] for each in read if items[each][1] == _CONTENTS)),
    )


def _elements(data: bytes, name: str, limits: Limits) -> Iterator[Element]:
    return (each for each in root(xml.parsed(data, limits).text).below() if each.name == name)


def _page(shelf: Shelf, archive: Archive, name: str, limits: Limits) -> None:
    data = archive.data(name)
    if data is None:
        return
    builder = Builder(decode(data, html.declared_charset(data)), limits)
    html.walk(builder, 0, len(builder.source.text))
    page = builder.document("html")
    for place, unit in zip(page.skeleton.places, page.units, strict=True):
        shelf.add(place, located(unit, name))
    shelf.close(name, builder.source)


def _labels(shelf: Shelf, archive: Archive, name: str, elements: tuple[str, ...], limits: Limits) -> None:
    data = archive.data(name)
    if data is None:
        return
    source = xml.parsed(data, limits)
    for each in root(source.text).below():
        if each.name in elements and not each.children and not each.opening.closed:
            start, end = each.inner
            said = unescape(source.text[start:end])
            shelf.add(Place(start, end, form=("text",)), Unit(said, location=f"{name}, {each.name}"))
    shelf.close(name, source)


def _writer(template: Template) -> Write:
    write = html.writer(template)
    # A page of a book is XML, which has no &nbsp; of its own.
    return lambda text, place: write(text, place).replace("&nbsp;", "&#160;")


def _patches(template: Template, target: str | None) -> list[Patch]:
    return html.language_patches(template.source.text, target) if target else []


def _stated(current: Current, name: str, target: str | None) -> dict[str, bytes]:
    data = current(name)
    if data is None or target is None:
        return {}
    return {name: _LANGUAGE.sub(rb"\g<1>" + target.encode() + rb"\g<2>", data, count=1)}

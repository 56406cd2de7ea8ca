"""OpenDocument texts, spreadsheets and presentations: paragraphs of the content, of headers, footers and notes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from app.documents import flow, package, xml
from app.documents.archive import Archive, Entry
from app.documents.encoding import Source
from app.documents.flow import Part, PartKind
from app.documents.format import Composed, Document, Options, Translated
from app.documents.markup import Kind, Scanner
from app.documents.package import Current, Shelf, macros, signed, within
from app.documents.runs import escaped
from app.documents.sample import Sample
from app.documents.tree import Element, root
from app.documents.words import is_prose
from app.errors import DamagedDocument, EncryptedDocument

_OASIS = "application/vnd.oasis.opendocument"
_MANIFEST = "META-INF/manifest.xml"
_DEFAULT = (b"<style:default-style", b"</style:default-style>")
_LANGUAGE = re.compile(rb'(\sfo:language=")[^"<]*("\s+fo:country=")[^"<]*(")')
_PARAGRAPHS = frozenset({"text:p", "text:h"})
_DESCRIPTIONS = frozenset({"svg:title", "svg:desc"})
_HOLDERS = frozenset({"text:span", "text:a", "text:meta", "text:ruby", "text:ruby-base"})
_APART = ("text:note", "office:annotation", "draw:", "table:", "text:script", "text:ruby-text")
"""Not read on in the sentence in which they stand."""
_HIDDEN = frozenset({"text:tracked-changes", "office:scripts", "office:settings", "office:forms"})


@dataclass(frozen=True, slots=True)
class OpenDocument:
    name: str
    title: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]

    def sniff(self, sample: Sample) -> float:
        if "content.xml" not in sample.members:
            return 0.0
        if self.media_types[0].encode() in sample.data[:300]:
            return 0.9
        return 0.0 if b"mimetypeapplication/" in sample.data[:300] else 0.5 * (_MANIFEST in sample.members)

    def extract(self, data: bytes, options: Options) -> Document:
        archive = Archive.read(data, options.limits)
        _refuse_encrypted(archive)
        if archive.data("content.xml") is None:
            raise DamagedDocument(f"The file is no {self.title}: it has no content.")
        shelf = Shelf(options.limits)
        for entry in _parts(archive):
            source = xml.parsed(entry.data, options.limits)
            _Walker(shelf, source, entry.name).walk(root(source.text))
            shelf.close(entry.name, source)
        return shelf.document(self.name, archive, notes=[*macros(archive), *signed(archive)])

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        data = package.compose(
            document,
            translations,
            writer=lambda _: lambda text, _: escaped(text),
            extra=lambda current: _stated(current, target) if target else {},
        )
        return Composed(data, self.media_types[0], self.suffixes[0])


ODT = OpenDocument(
    "odt", "OpenDocument text", (f"{_OASIS}.text", f"{_OASIS}.text-template"), (".odt", ".ott")
)
ODS = OpenDocument(
    "ods",
    "OpenDocument spreadsheet",
    (f"{_OASIS}.spreadsheet", f"{_OASIS}.spreadsheet-template"),
    (".ods", ".ots"),
)
ODP = OpenDocument(
    "odp",
    "OpenDocument presentation",
    (f"{_OASIS}.presentation", f"{_OASIS}.presentation-template"),
    (".odp", ".otp"),
)


def _refuse_encrypted(archive: Archive) -> None:
    manifest = archive.data(_MANIFEST) or b""
    if b"encryption-data" in manifest or archive.data("encrypted-package") is not None:
        raise EncryptedDocument("The document is password-protected. Remove the password and send it again.")


def _parts(archive: Archive) -> Iterator[Entry]:
    """The content, then charts and the like in it, then headers and footers."""
    order = [r"content\.xml", r"(?!Object Replacements/)[^/]+/content\.xml", r"styles\.xml"]
    for pattern in order:
        yield from (entry for entry in archive.entries if re.fullmatch(pattern, entry.name))


def _stated(current: Current, target: str) -> dict[str, bytes]:
    styles = current("styles.xml")
    if styles is None:
        return {}
    language, _, country = target.partition("-")
    country = country if len(country) == 2 else "none"
    stated = rb"\g<1>" + language.encode() + rb"\g<2>" + country.encode() + rb"\g<3>"
    return {"styles.xml": within(styles, _DEFAULT, lambda inner: _LANGUAGE.sub(stated, inner))}


class _Walker:
    def __init__(self, shelf: Shelf, source: Source, name: str) -> None:
        self._shelf = shelf
        self._text = source.text
        self._part = name.removesuffix(".xml")
        self._number = 0

    def walk(self, element: Element, above: tuple[str, ...] = ()) -> None:
        """`above`: names of the elements round it."""
        name = element.opening.name
        if name in _HIDDEN or (name == "table:table-cell" and not _says(element)):
            return
        if "style:master-page" in above and "presentation:class" in element.values:
            return  # what a master says in the place of text to come
        if name in _PARAGRAPHS or name in _DESCRIPTIONS:
            self._paragraph(element, codes="office:spreadsheet" in above)
        for child in element.children:
            self.walk(child, (*above, name))

    def _paragraph(self, element: Element, *, codes: bool) -> None:
        """`codes`: what holds no word is left alone."""
        self._number += 1
        location = f"{self._part}, paragraph {self._number}"
        made = flow.unit(list(self._inner(element)), location=location, form=("xml",))
        if made and not (codes and not is_prose(made[1].text)):
            self._shelf.add(*made)

    def _inner(self, element: Element) -> Iterator[Part]:
        """The children of a paragraph or span and the text between them."""
        if element.opening.closed:
            return
        position, end = element.inner
        for child in element.children:
            yield from self._between(position, child.opening.start)
            yield from self._child(child)
            position = child.end
        yield from self._between(position, end)

    def _between(self, start: int, end: int) -> Iterator[Part]:
        for token in Scanner(self._text, xml=True, start=start, end=end).tokens() if end > start else ():
            if token.kind is Kind.TEXT:
                said = unescape(self._text[token.start : token.end])
                yield Part(PartKind.TEXT, token.start, token.end, said)
            elif token.kind is Kind.CDATA:
                yield xml.said(self._text, token)
            else:
                yield Part(PartKind.POINT, token.start, token.end)

    def _child(self, child: Element) -> Iterator[Part]:
        name, start, end = child.opening.name, child.opening.start, child.end
        whole = Part(PartKind.POINT, start, end, name=name)
        if name in _HOLDERS and not child.opening.closed:
            inner = child.inner
            yield Part(PartKind.OPEN, start, inner[0], name=name)
            yield from self._inner(child)
            yield Part(PartKind.CLOSE, inner[1], end, name=name)
        elif (said := _said(child)) is not None:
            yield replace(whole, kind=PartKind.KEPT, text=said)
        elif child.opening.closed or name.startswith(_APART):
            yield whole
        else:
            said = "".join(part.text for part in self._inner(child))
            kept = " ".join(said.split())
            yield replace(whole, kind=PartKind.KEPT if kept else PartKind.POINT, text=kept)


def _said(element: Element) -> str | None:
    match element.opening.name:
        case "text:s":
            count = element.values.get("text:c", "1")
            return " " * min(int(count), 1_000) if count.isdigit() else " "
        case "text:tab":
            return "\t"
        case "text:line-break":
            return "\n"
    return None


def _says(cell: Element) -> bool:
    """Whether it holds a text of its own, and no number, date or result of a formula."""
    kind = cell.values.get("office:value-type", cell.values.get("calcext:value-type", "string"))
    return kind == "string" and "table:formula" not in cell.values

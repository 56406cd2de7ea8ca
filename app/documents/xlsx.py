"""Workbooks: texts of cells, comments, text boxes, charts, headers and footers. Numbers and formulas are left alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape

from app.documents.archive import Archive
from app.documents.docx import DRAWN
from app.documents.encoding import Source
from app.documents.format import Composed, Document, Note, Options, Translated, Unit
from app.documents.limits import Limits
from app.documents.ooxml import Kind, Locate, Office, PartKind, paragraphs
from app.documents.package import Shelf
from app.documents.splice import Place
from app.documents.tree import root
from app.documents.words import is_prose
from app.documents.xml import parsed

_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MACRO = "application/vnd.ms-excel"
_STRINGS, _SHEET = "spreadsheetml.sharedStrings", "spreadsheetml.worksheet"
_NAMED = ("spreadsheetml.table", "spreadsheetml.pivotCacheDefinition")
_NAME = re.compile(r"""<(?:\w+:)?(?:tableColumn|cacheField)\b[^<>]*?\sname=["']([^"']*)["']""")
_CELL = re.compile(r"<(?:\w+:)?c\b([^<>]*)>\s*<(?:\w+:)?v>(\d+)</")
_AT = re.compile(r"""\sr=["']([A-Z]+\d+)["']""")
_INLINE = re.compile(r"""<(?:\w+:)?c\b([^<>]*\st=["']inlineStr["'][^<>]*)>""")
_BOOK = "xl/workbook.xml"
_TAB = re.compile(r"""<(?:\w+:)?sheet\b[^<>]*?\sname=["']([^"'<]*)["']""")
_TITLE = "sheet name"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE = 31
_SHARED = re.compile(r"""\st=["']s["']""")
_EDGE = re.compile(r"<((?:\w+:)?(?:odd|even|first)(?:Header|Footer))>([^<]*)</\1>")
_CODE = re.compile(r'&amp;(?:&quot;.*?&quot;|"[^"]*"|K[0-9A-F]{6}|K\d\d[+-]\d{3}|\d+|&amp;|.)')
"""What Excel puts into headers and footers: places, fonts, page numbers."""


class Xlsx(Office):
    name = "xlsx"
    title = "Excel workbook"
    folder = "xl/"
    kinds = (
        Kind(f"{_SHEETS}.sheet.main", ".xlsx", f"{_SHEETS}.sheet"),
        Kind(f"{_SHEETS}.template.main", ".xltx", f"{_SHEETS}.template"),
        Kind(f"{_MACRO}.sheet.macroEnabled.main", ".xlsm", f"{_MACRO}.sheet.macroEnabled.12"),
        Kind(f"{_MACRO}.template.macroEnabled.main", ".xltm", f"{_MACRO}.template.macroEnabled.12"),
    )
    parts = (
        PartKind(_STRINGS, "strings"),
        PartKind(_SHEET, "sheet"),
        PartKind("spreadsheetml.comments", "comments"),
        PartKind("threadedcomments", "comments"),
        PartKind("drawingml.drawing", "drawing"),
        PartKind("application/vnd.openxmlformats-officedocument.drawing", "drawing"),
        *DRAWN,
    )

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        book = document.skeleton.archive.data(_BOOK) or b""
        taken = {unescape(name).casefold() for name in _TAB.findall(book.decode("utf-8", "replace"))}
        fitting = [
            _title(each, taken) if unit.location == _TITLE else each
            for unit, each in zip(document.units, translations, strict=True)
        ]
        return super().compose(document, fitting, target=target)

    def read(
        self, shelf: Shelf, archive: Archive, types: Mapping[str, str], options: Options
    ) -> Sequence[Note]:
        names = _names(archive, types, options.limits)
        cells = _cells(archive, types, options.limits)
        titles = {part: title for title, part in _sheets(archive, options.limits)}
        kept: set[str] = set()

        def keeps(unit: Unit) -> bool:
            kept.update({unit.text} & names)
            return unit.text in names or not is_prose(unit.text)

        for name, label, source in self.sources(archive, types, options.limits):
            if types[name].endswith(_STRINGS):
                paragraphs(
                    shelf, source, label, keeps=keeps, locate=lambda number: cells.get(number, "strings")
                )
            elif types[name].endswith(_SHEET):
                if "inlineStr" in source.text:
                    inline = _inline(source, titles.get(name, label))
                    paragraphs(shelf, source, label, keeps=keeps, locate=inline)
                _edges(shelf, source, label)
            else:
                # What a chart shows of cells is read from them, where it is translated.
                paragraphs(shelf, source, label, cached=False)
            shelf.close(name, source)
        left = _titles(shelf, archive, options.limits) if options.sheet_names else []
        if not kept:
            return left
        return [
            *left,
            Note(
                "header_kept", f"{len(kept)} names of table columns were kept, since formulas may use them."
            ),
        ]


def _titles(shelf: Shelf, archive: Archive, limits: Limits) -> list[Note]:
    """Names of sheets, where no formula, chart or link names them."""
    book = archive.data(_BOOK)
    if book is None:
        return []
    source = parsed(book, limits)
    parts = [entry.data for entry in archive.entries if entry.name.endswith((".xml", ".rels"))]
    kept = 0
    for found in _TAB.finditer(source.text):
        written = found[1].encode()
        if any(written + mark in part for part in parts for mark in (b"!", b"'!", b"&apos;!")):
            kept += 1
            continue
        shelf.add(Place(*found.span(1), form=("sheet",)), Unit(unescape(found[1]), location=_TITLE))
    shelf.close(_BOOK, source)
    return (
        [Note("sheet_names_kept", f"{kept} names of sheets were kept, since formulas use them.")]
        if kept
        else []
    )


def _title(translated: Translated | None, taken: set[str]) -> Translated | None:
    """What Excel takes for a name, and no name that another sheet has or had."""
    text = "" if translated is None else _FORBIDDEN.sub(" ", translated.text)
    text = text.strip("' ")[:_LONGEST_TITLE].strip("' ")
    if not text or text.casefold() in taken:
        return None
    taken.add(text.casefold())
    return Translated(text)


def _inline(source: Source, title: str) -> Locate:
    """Of strings that stand in the cells themselves."""
    found = [_AT.search(attributes) for attributes in _INLINE.findall(source.text)]

    def locate(number: int) -> str:
        at = found[number - 1] if number <= len(found) else None
        return f"{title}!{at[1]}" if at else title

    return locate


def _edges(shelf: Shelf, source: Source, label: str) -> None:
    """Headers and footers: each text between two codes."""
    for found in _EDGE.finditer(source.text):
        position, end = found.span(2)
        for start, after in [
            *(code.span() for code in _CODE.finditer(source.text, position, end)),
            (end, end),
        ]:
            said = unescape(source.text[position:start])
            shelf.add(
                Place(position, start, form=("header",)), Unit(said, location=f"{label}, header or footer")
            )
            position = after


def _names(archive: Archive, types: Mapping[str, str], limits: Limits) -> set[str]:
    """Names of columns, which a program finds by the text of their first cell."""
    found: set[str] = set()
    for name, stated in types.items():
        if stated.endswith(_NAMED) and (data := archive.data(name)) is not None:
            found.update(unescape(each) for each in _NAME.findall(parsed(data, limits).text))
    return found


def _cells(archive: Archive, types: Mapping[str, str], limits: Limits) -> dict[int, str]:
    """Where the shared string of each number, from 1, is read first."""
    found: dict[int, str] = {}
    for title, name in _sheets(archive, limits):
        data = archive.data(name)
        if data is None or not types.get(name, "").endswith(_SHEET):
            continue
        for attributes, number in _CELL.findall(parsed(data, limits).text):
            if _SHARED.search(attributes) and (at := _AT.search(attributes)):
                found.setdefault(int(number) + 1, f"{title}!{at[1]}")
    return found


def _sheets(archive: Archive, limits: Limits) -> Iterator[tuple[str, str]]:
    """Titles and parts, in the order of the tabs."""
    book, links = archive.data("xl/workbook.xml"), archive.data("xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        return
    targets = {
        each.values.get("Id", ""): each.values.get("Target", "")
        for each in root(parsed(links, limits).text).children
    }
    for each in root(parsed(book, limits).text).below():
        link = next((value for name, value in each.values.items() if name.endswith(":id")), "")
        if each.name == "sheet" and link in targets:
            target = targets[link]
            yield each.values.get("name", ""), target[1:] if target.startswith("/") else f"xl/{target}"

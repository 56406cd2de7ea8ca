"""CSV and TSV: the cells of columns that hold words. Delimiters, quotes, line ends, numbers and codes stay."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents.encoding import decode
from app.documents.format import Composed, Document, Note, Options, Translated, Unit
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, fill
from app.documents.words import is_prose
from app.documents.written import composed
from app.errors import InvalidRequest

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet program compute a cell instead of showing it."""
_DELIMITERS = ",;\t|"
_BREAK = re.compile("\r\n|\n|\r")
_LOOK = 1_000
"""Rows from which the kind of a column is judged."""
_IDENTIFIER = re.compile(r"[\w.\-/#]*")


@dataclass(frozen=True, slots=True)
class _Cell:
    row: int
    column: int
    start: int
    end: int
    """What is between its quotes, if it has them."""
    quoted: bool

    def read(self, text: str) -> str:
        value = text[self.start : self.end]
        return value.replace('""', '"') if self.quoted else value


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    title: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]

    def sniff(self, sample: Sample) -> float:
        """Three rows or more with one number of columns, or two with three columns."""
        if not sample.text:
            return 0.0
        delimiter = _delimiter(sample.text)
        if (delimiter == "\t") != (self.name == "tsv"):
            return 0.0
        widths = _widths(sample.text, delimiter)
        if not widths or max(widths) < 2:
            return 0.0
        regular = widths.count(max(set(widths), key=widths.count)) / len(widths)
        if regular < 0.9:
            return 0.05
        return 0.5 if len(widths) >= 3 or max(widths) >= 3 else 0.2

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(decode(data), options.limits)
        text = builder.source.text
        delimiter = "\t" if self.name == "tsv" else _delimiter(text)
        cells = list(_cells(text, delimiter))
        names = [cell.read(text) for cell in cells if cell.row == 0]
        chosen = _chosen(options.columns, names) if options.columns is not None else _columns(text, cells)
        kept = _is_header(names)
        for cell in cells:
            if cell.column in chosen and not (kept and cell.row == 0):
                _add(builder, cell, text, delimiter)
        notes = [Note("header_kept", "The first row was taken for names of columns and left as it is.")]
        return builder.document(self.name, notes=notes if kept and len(names) > 0 else [])

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        notes: list[Note] = []
        safe: list[Translated | None] = []
        for number, (unit, translated) in enumerate(zip(document.units, translations, strict=True)):
            risky = translated is not None and translated.text.startswith(_FORMULA)
            if translated is not None and risky and not unit.text.startswith(_FORMULA):
                translated = replace(translated, text=f"'{translated.text}")  # noqa: PLW2901 - what is written
                notes.append(Note("formula_neutralised", "It would have been computed as a formula.", number))
            safe.append(translated)
        text = fill(document.skeleton, document.units, safe, write=_write)
        return composed(self, document.skeleton.source, text, notes=notes)


CSV = Table("csv", "Comma-separated values", ("text/csv",), (".csv",))
TSV = Table("tsv", "Tab-separated values", ("text/tab-separated-values",), (".tsv", ".tab"))


def _add(builder: Builder, cell: _Cell, text: str, delimiter: str) -> None:
    value = cell.read(text)
    if value.startswith("=") or not is_prose(value):
        return
    location = f"row {cell.row + 1}, column {cell.column + 1}"
    form = ("quoted",) if cell.quoted else ("bare", delimiter)
    builder.add(Place(cell.start, cell.end, form=form), Unit(value, location=location))


def _write(text: str, place: Place) -> str:
    doubled = text.replace('"', '""')
    if place.form[0] == "quoted":
        return doubled
    needed = place.form[1] in text or text.startswith('"') or "\n" in text or "\r" in text
    return f'"{doubled}"' if needed else text


def _cells(text: str, delimiter: str) -> Iterator[_Cell]:
    """In linear time: a quote that is never closed is a character like others, and so are all after it."""
    stop = re.compile(f"[{re.escape(delimiter)}\r\n]|$")
    row = column = position = 0
    closed = True
    while position < len(text):
        end = _closing(text, position) if closed and text[position] == '"' else None
        closed = closed and not (end is None and text[position] == '"')
        after = text[end + 1 : end + 2] if end is not None else ""
        if end is not None and (not after or after in (delimiter, "\r", "\n")):
            yield _Cell(row, column, position + 1, end, quoted=True)
            position = end + 1
        else:
            found = stop.search(text, position)
            end = found.start() if found else len(text)
            yield _Cell(row, column, position, end, quoted=False)
            position = end
        if line := _BREAK.match(text, position):
            row, column, position = row + 1, 0, line.end()
        else:
            column, position = column + 1, position + 1


def _closing(text: str, opening: int) -> int | None:
    position = opening + 1
    while (quote := text.find('"', position)) >= 0:
        if text[quote + 1 : quote + 2] != '"':
            return quote
        position = quote + 2
    return None


def _delimiter(text: str) -> str:
    """The one that gives the rows most columns of one number."""

    def regularity(delimiter: str) -> tuple[float, int]:
        widths = _widths(text, delimiter)
        if not widths or max(widths) < 2:
            return 0.0, 0
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(_DELIMITERS, key=regularity)


def _widths(text: str, delimiter: str) -> list[int]:
    """Columns of the first rows, but for the last, which may be cut."""
    widths: list[int] = []
    for cell in _cells(text[:20_000], delimiter):
        if cell.row >= 50:
            break
        if cell.row == len(widths):
            widths.append(0)
        # An empty line is no row; a row may begin with an empty cell.
        empty = cell.column == 0 and cell.start == cell.end
        widths[cell.row] = 0 if empty else cell.column + 1
    if len(text) > 20_000 and len(widths) > 1:
        widths.pop()
    return [width for width in widths if width]


def _columns(text: str, cells: Sequence[_Cell]) -> set[int]:
    """Those in which half of the cells hold words."""
    filled: dict[int, list[bool]] = {}
    for cell in cells:
        if cell.row > _LOOK:
            break
        value = cell.read(text)
        if cell.row > 0 and value.strip():
            filled.setdefault(cell.column, []).append(not value.startswith("=") and is_prose(value))
    if not filled:
        return {cell.column for cell in cells}
    return {column for column, prose in filled.items() if 2 * sum(prose) >= len(prose)}


def _chosen(columns: Sequence[str], names: Sequence[str]) -> set[int]:
    chosen: set[int] = set()
    for column in columns:
        if column in names:
            chosen.add(names.index(column))
        elif column.isdecimal() and 1 <= int(column) <= len(names):
            chosen.add(int(column) - 1)
        else:
            raise InvalidRequest(
                "One of the columns chosen is neither a name in the first row nor a column's number."
            )
    return chosen


def _is_header(names: Sequence[str]) -> bool:
    """Names for programs: single words, each once. People's headings have spaces somewhere, and are translated."""
    filled = [name for name in names if name]
    plain = all(_IDENTIFIER.fullmatch(name) and not name.isdecimal() for name in filled)
    return len(filled) > 1 and plain and len(set(filled)) == len(filled)

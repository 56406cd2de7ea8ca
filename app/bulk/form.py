"""Formats of line after line: what a record is, and how it is written with everything else as it was."""

import csv
import io
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Protocol

import orjson

from app.bulk.added import Added, Answers
from app.bulk.encoding import UTF_8
from app.bulk.record import Record
from app.errors import ConfigurationError

MARK = b"\xef\xbb\xbf"
LONGEST_CELL = 16_000_000
"""Characters. A quote that is never closed makes one failed row of that size, and not of the rest of the file."""


class Format(StrEnum):
    TXT = "txt"
    """One record a line."""
    JSONL = "jsonl"
    """One JSON object a line."""
    CSV = "csv"
    """A heading, and a record a row; separated by commas."""
    TSV = "tsv"
    """The same, separated by tabs."""
    PARQUET = "parquet"
    """A row."""
    SQL = "sql"
    """A row of a database's table; said by the address alone."""


class Form(Protocol):
    def records(self, lines: Iterable[bytes]) -> Iterator[Record]:
        """`lines` end in a line feed, except perhaps the last; nothing else ends a line.

        Raises ConfigurationError where it is not the format at all.
        """

    def write(self, record: Record, answers: Answers) -> bytes:
        """Raises UnicodeEncodeError for a translation that cannot be written."""


class Lines:
    """A failed line is written as it was, so that lines stay in step; `OUT.failed.jsonl` names it."""

    def __init__(self, encoding: str = UTF_8) -> None:
        """`encoding`: what lines were in before they were carried as UTF-8."""
        self._encoding = encoding

    def records(self, lines: Iterable[bytes]) -> Iterator[Record]:
        for number, line in enumerate(lines, start=1):
            try:
                text = _content(number, line).decode()
            except UnicodeDecodeError as error:
                yield Record(number, line, (), self._undecodable(error), len(line))
            else:
                yield Record(number, line, (text,), None, len(line))

    def write(self, record: Record, answers: Answers) -> bytes:
        raw: bytes = record.raw
        answer = answers[0] if answers else None
        if answer is None or answer["text"] is None:
            return raw
        mark = MARK if record.line == 1 and raw.startswith(MARK) else b""
        text: str = answer["text"]
        return mark + text.encode() + _parted(raw)[1]

    def _undecodable(self, error: UnicodeDecodeError) -> str:
        if self._encoding == UTF_8:
            return f"Not UTF-8 at byte {error.start + 1} of the line."
        return (
            f"Not {self._encoding} after {len(error.object[: error.start].decode())} characters of the line."
        )


class Objects:
    """What is added comes at the end of each object; its other bytes are copied and never re-written."""

    def __init__(self, added: Added) -> None:
        self._added = added

    def records(self, lines: Iterable[bytes]) -> Iterator[Record]:
        for number, line in enumerate(lines, start=1):
            content = _content(number, line)
            if not content.strip():
                yield Record(number, line, (), None, len(line))
                continue
            try:
                yield Record(number, line, self._texts(content), None, len(line))
            except ValueError as error:
                yield Record(number, line, (), str(error), len(line))

    def write(self, record: Record, answers: Answers) -> bytes:
        raw: bytes = record.raw
        if not answers:
            return raw
        content, ending = _parted(raw)
        values = zip(self._added.names, self._added.values(answers), strict=True)
        added = b", ".join(orjson.dumps(name) + b": " + orjson.dumps(value) for name, value in values)
        return b"%b, %b}%b" % (content.rstrip()[:-1].rstrip(), added, ending)

    def _texts(self, content: bytes) -> tuple[str | None, ...]:
        """Raises ValueError with a sentence that holds nothing of the record."""
        try:
            value = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise ValueError("Not a line of JSON in the encoding given.") from None
        if not isinstance(value, dict):
            raise ValueError("Not a JSON object.")  # noqa: TRY004  of the data, not of an argument
        for name in self._added.names:
            if name in value:
                raise ValueError(f"It has a field {name!a} already, which would be lost.")
        return tuple(_string(value, field) for field in self._added.fields)


class Rows:
    """What is added comes at the end of each row, and its names at the end of the heading."""

    def __init__(self, added: Added, delimiter: str) -> None:
        self._added = added
        self._delimiter = delimiter

    def records(self, lines: Iterable[bytes]) -> Iterator[Record]:
        rows = _rows(lines, self._delimiter)
        heading = next(rows, None)
        if heading is None:
            return
        line, raw, cells = heading
        places = self._places(cells)
        yield Record(line, raw, (), None, len(raw))
        for line, raw, found in rows:
            yield self._record(line, raw, found, places, len(cells or ()))

    def write(self, record: Record, answers: Answers) -> bytes:
        content, ending = _parted(record.raw)
        if record.line == 1:
            return content + self._cells(self._added.names) + ending
        return content + self._cells(self._added.values(answers)) + ending if answers else record.raw

    def _record(
        self, line: int, raw: bytes, cells: list[str] | None, places: list[int], width: int
    ) -> Record:
        if cells is None:
            return Record(line, raw, (), "Not a row of text in the encoding given.", len(raw))
        if not cells:
            return Record(line, raw, (), None, len(raw))
        if len(cells) != width:
            problem = f"It has {len(cells)} cells where the heading has {width}."
            return Record(line, raw, (), problem, len(raw))
        return Record(line, raw, tuple(cells[place] or None for place in places), None, len(raw))

    def _places(self, heading: list[str] | None) -> list[int]:
        if heading is None:
            raise ConfigurationError("The heading of the table is not text in the encoding given.")
        for field in self._added.fields:
            if heading.count(field) != 1:
                raise ConfigurationError(
                    f"The heading names the column {field!a} {heading.count(field)} times. Name columns with --field."
                )
        for name in self._added.names:
            if name in heading:
                raise ConfigurationError(f"There is a column {name!a} already, which would be doubled.")
        return [heading.index(field) for field in self._added.fields]

    def _cells(self, values: list[Any]) -> bytes:
        made = io.StringIO()
        # The ending is what tells the writer to quote cells that hold one.
        csv.writer(made, delimiter=self._delimiter, lineterminator="\r\n").writerow(["", *map(cell, values)])
        return made.getvalue().removesuffix("\r\n").encode()


def form(chosen: Format, added: Added, *, delimiter: str | None = None, encoding: str = UTF_8) -> Form:
    if chosen is Format.TXT:
        return Lines(encoding)
    if chosen is Format.JSONL:
        return Objects(added)
    return Rows(added, delimiter or ("\t" if chosen is Format.TSV else ","))


def _rows(lines: Iterable[bytes], delimiter: str) -> Iterator[tuple[int, bytes, list[str] | None]]:
    """Line, bytes and cells of each row. Cells in quotes may run over lines; None: no row of text."""
    csv.field_size_limit(LONGEST_CELL)
    taken: list[bytes] = []
    numbered = enumerate(lines, start=1)

    def read() -> Iterator[str]:
        for number, line in numbered:
            taken.append(line)
            yield _content(number, line, ending=True).decode(errors="surrogateescape")

    line = 1
    reader = csv.reader(read(), delimiter=delimiter)
    while True:
        try:
            cells: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells, reader = None, csv.reader(read(), delimiter=delimiter)
        if cells is not None and not all(map(_sound, cells)):
            cells = None
        yield line, b"".join(taken), cells
        line += len(taken)
        taken.clear()


def _sound(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def cell(value: Any) -> Any:
    """Of what is added, where a cell holds no lists and objects."""
    if isinstance(value, list):
        return " ".join(value)
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


def _string(value: dict[str, Any], field: str) -> str | None:
    """None for null, which is no text, as in a table."""
    if field not in value:
        raise ValueError(f"There is no field {field!a}.")
    if not isinstance(value[field], str | None):
        raise ValueError(f"The field {field!a} is not a string.")  # noqa: TRY004  of the data
    found: str | None = value[field]
    return found


def _content(number: int, line: bytes, *, ending: bool = False) -> bytes:
    """Without the byte order mark that a file may begin with, which belongs to no text."""
    found = line.removeprefix(MARK) if number == 1 else line
    return found if ending else _parted(found)[0]


def _parted(line: bytes) -> tuple[bytes, bytes]:
    for ending in (b"\r\n", b"\n"):
        if line.endswith(ending):
            return line[: -len(ending)], ending
    return line, b""

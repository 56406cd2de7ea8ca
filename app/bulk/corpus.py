"""Records of a corpus: read line by line, grouped into windows, written back with every other byte as it was."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import orjson

FIELD_ADDED = "translation"
ADDED = ("text", "source", "confidence", "target", "status", "flags", "models", "error", "characters")
"""What the added field of a JSONL record holds, of the API's answer to that text."""

WINDOW_RECORDS = 200
WINDOW_CHARACTERS = 50_000
WINDOW_BYTES = 4_000_000
"""A window is sent and charged as one. Half of what a server takes by default, and enough to fill a batch."""

_MARK = b"\xef\xbb\xbf"


class Format(StrEnum):
    TXT = "txt"
    """One record a line."""
    JSONL = "jsonl"
    """One JSON object a line."""


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    """From 1."""
    raw: bytes
    """The line without its ending."""
    ending: bytes
    text: str | None
    """None: there is nothing to translate, because of `problem` or because a line of JSONL is blank."""
    problem: str | None = None

    @property
    def size(self) -> int:
        return len(self.raw) + len(self.ending)


class Form(Protocol):
    def read(self, line: int, raw: bytes, ending: bytes) -> Record: ...
    def write(self, record: Record, translation: Mapping[str, Any]) -> bytes: ...


class Lines:
    """A failed line is written as it was, so that lines stay in step; `OUT.failed.jsonl` names it."""

    def read(self, line: int, raw: bytes, ending: bytes) -> Record:
        try:
            return Record(line, raw, ending, raw.removeprefix(_mark(line)).decode())
        except UnicodeDecodeError as error:
            return Record(line, raw, ending, None, f"Not UTF-8 at byte {error.start + 1} of the line.")

    def write(self, record: Record, translation: Mapping[str, Any]) -> bytes:
        if translation["text"] is None:
            return record.raw + record.ending
        marked = record.line == 1 and record.raw.startswith(_MARK)
        text: str = translation["text"]
        return (_MARK if marked else b"") + text.encode() + record.ending


class Objects:
    """The translation is added at the end of each object; its other bytes are copied and never re-written."""

    def __init__(self, field: str) -> None:
        self._field = field

    def read(self, line: int, raw: bytes, ending: bytes) -> Record:
        content = raw.removeprefix(_mark(line))
        if not content.strip():
            return Record(line, raw, ending, None)
        try:
            return Record(line, raw, ending, self._text(content))
        except ValueError as error:
            return Record(line, raw, ending, None, str(error))

    def write(self, record: Record, translation: Mapping[str, Any]) -> bytes:
        added = orjson.dumps({name: translation.get(name) for name in ADDED})
        opened = record.raw.rstrip()[:-1].rstrip()
        return b'%b, "%b": %b}%b' % (opened, FIELD_ADDED.encode(), added, record.ending)

    def _text(self, content: bytes) -> str:
        """Raises ValueError with a sentence that holds nothing of the record."""
        try:
            value = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise ValueError("Not a line of JSON in UTF-8.") from None
        if not isinstance(value, dict):
            raise ValueError("Not a JSON object.")  # noqa: TRY004  of the data, not of an argument
        if self._field not in value:
            raise ValueError(f"There is no field {self._field!a}.")
        if not isinstance(value[self._field], str):
            raise ValueError(f"The field {self._field!a} is not a string.")  # noqa: TRY004  the same
        if FIELD_ADDED in value:
            raise ValueError(f"It has a field {FIELD_ADDED!a} already, which would be lost.")
        return str(value[self._field])


def form(chosen: Format, field: str) -> Form:
    return Lines() if chosen is Format.TXT else Objects(field)


def records(lines: Iterable[bytes], shape: Form) -> Iterator[Record]:
    """`lines` end in a line feed, except perhaps the last; nothing else ends a line."""
    for number, line in enumerate(lines, start=1):
        raw, ending = _parted(line)
        yield shape.read(number, raw, ending)


def windows(found: Iterable[Record]) -> Iterator[list[Record]]:
    """Runs of records, each small enough for one request; a record larger than that is a window of its own."""
    window: list[Record] = []
    characters = size = 0
    for record in found:
        length = len(record.text or "")
        if window and (
            len(window) == WINDOW_RECORDS
            or characters + length > WINDOW_CHARACTERS
            or size + record.size > WINDOW_BYTES
        ):
            yield window
            window, characters, size = [], 0, 0
        window.append(record)
        characters += length
        size += record.size
    if window:
        yield window


def _parted(line: bytes) -> tuple[bytes, bytes]:
    for ending in (b"\r\n", b"\n"):
        if line.endswith(ending):
            return line[: -len(ending)], ending
    return line, b""


def _mark(line: int) -> bytes:
    """A file may begin with a byte order mark, which belongs to no text."""
    return _MARK if line == 1 else b""

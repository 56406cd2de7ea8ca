"""Plain text: every line is a unit, but the lines of a paragraph that was wrapped at a width are one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.documents.encoding import decode
from app.documents.format import Composed, Document, Options, Translated, Unit
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, as_is, fill
from app.documents.written import composed

_LINE = re.compile("[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_ONE_BREAK = re.compile("\r\n|[\n\r]")
_ENDS = re.compile(r"""[.!?:;…。！？।؟]["'”’»)\]]*$""")  # noqa: RUF001 - quotes of many scripts
_SHORTEST_WRAP, _LONGEST_WRAP = 40, 120
_MARKED = re.compile(r"[-*+•>#|]|\d{1,3}[.)]\s")
_SLACK = 2


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    number: int


class PlainText:
    name = "txt"
    title = "Plain text"
    media_types = ("text/plain",)
    suffixes = (".txt", ".text", ".log")

    def sniff(self, sample: Sample) -> float:
        return 0.0 if sample.text is None else 0.3

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(decode(data), options.limits)
        for group in _groups(builder.source.text):
            first = group[0]
            if len(group) == 1:
                builder.plain(first.start, first.end, f"line {first.number}")
            else:
                builder.add(_place(builder.source.text, group), _unit(group))
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        text = fill(document.skeleton, document.units, translations, write=as_is, lay=_lay)
        return composed(self, document.skeleton.source, text)


def wrap(text: str, width: int, newline: str) -> str:
    """Lines of at most `width` characters where spaces allow it."""
    lines: list[list[str]] = [[]]
    room = width
    for word in text.split(" "):
        if lines[-1] and len(word) > room:
            lines.append([])
            room = width
        lines[-1].append(word)
        room -= len(word) + 1
    return newline.join(" ".join(words) for words in lines)


def _lay(text: str, place: Place) -> str:
    if not place.form:
        return text
    width, newline = place.form
    return wrap(text, int(width), newline)


def _groups(text: str) -> Iterator[list[_Line]]:
    paragraph: list[_Line] = []
    for line in _lines(text):
        if paragraph and not _ONE_BREAK.fullmatch(text, paragraph[-1].end, line.start):
            yield from _paragraph(paragraph)
            paragraph = []
        paragraph.append(line)
    yield from _paragraph(paragraph)


def _lines(text: str) -> Iterator[_Line]:
    number, position = 1, 0
    for found in _LINE.finditer(text):
        number += len(_ONE_BREAK.findall(text, position, found.start()))
        position = found.end()
        if found[0].strip():
            yield _Line(found.start(), found.end(), found[0], number)


def _paragraph(lines: list[_Line]) -> Iterator[list[_Line]]:
    if _wrapped(lines):
        yield lines
    else:
        yield from ([line] for line in lines)


def _wrapped(lines: Sequence[_Line]) -> bool:
    """Whether a program broke these lines at a width: none would have held the next one's first word."""
    width = max((len(line.text.rstrip()) for line in lines), default=0)
    if len(lines) < 2 or not _SHORTEST_WRAP <= width <= _LONGEST_WRAP:
        return False
    running = 0
    for line, after in pairwise(lines):
        text = line.text.rstrip()
        if after.text[0].isspace() or _MARKED.match(after.text):
            return False
        if len(text) + 1 + len(after.text.split(None, 1)[0]) < width - _SLACK:
            return False
        running += not _ENDS.search(text[-8:]) and not after.text[0].isupper()
    return 2 * running >= len(lines) - 1


def _unit(lines: Sequence[_Line]) -> Unit:
    text = " ".join(line.text.strip() for line in lines)
    return Unit(text, location=f"lines {lines[0].number} to {lines[-1].number}")


def _place(text: str, lines: Sequence[_Line]) -> Place:
    first, last = lines[0], lines[-1]
    start = first.end - len(first.text.lstrip())
    width = max(len(line.text.rstrip()) for line in lines)
    newline = text[first.end : lines[1].start]
    return Place(start, last.start + len(last.text.rstrip()), form=(str(width), newline))

"""SubRip and WebVTT: the words of every cue; numbers, times, settings, notes and styles stay."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from app.documents import flow
from app.documents.encoding import decode
from app.documents.flow import Part, PartKind
from app.documents.format import Composed, Document, Options, Translated
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, fill
from app.documents.written import composed

_LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r|$)")
_TIMES = re.compile(
    r"[ \t]*(?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3}[ \t]*-->[ \t]*(?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3}"
)
_SRT_START = re.compile(r"\s*\d+[ \t]*(?:\r\n|\n|\r)" + _TIMES.pattern)
_MARKUP = re.compile(
    r"<(/?)(i|b|u|s|font|c|v|lang|ruby|rt)(?![\w-])[^<>\n\r]*>|<\d[\d:.]*>|\{\\[^{}\n\r]*\}", re.IGNORECASE
)
_DIALOGUE = re.compile(r"[ \t]*[-–—‐][ \t]*[^\s\d]")  # noqa: RUF001 - dashes
_MOST_LINES = 8
"""No screen shows more."""
_TAG = re.compile(r"<[^<>]*>|\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Subtitles:
    name: str
    title: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]

    def sniff(self, sample: Sample) -> float:
        if sample.text is None:
            return 0.0
        is_vtt = re.match(r"WEBVTT(?:[ \t\r\n]|$)", sample.text) is not None
        if self.name == "vtt":
            return 1.0 if is_vtt else 0.0
        return 0.97 if _SRT_START.match(sample.text) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(decode(data), options.limits)
        for number, cue in enumerate(_cues(builder.source.text), 1):
            for lines in _spoken(builder.source.text, cue):
                self._add(builder, lines, f"cue {number}")
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        write = _escape if self.name == "vtt" else _flat
        text = fill(document.skeleton, document.units, translations, write=write, lay=_lay)
        return composed(self, document.skeleton.source, text)

    def _add(self, builder: Builder, lines: list[tuple[int, int]], location: str) -> None:
        text = builder.source.text
        start, end = lines[0][0], lines[-1][1]
        newline = text[lines[0][1] : lines[1][0]] if len(lines) > 1 else ""
        parts = list(_parts(text, start, end, read=unescape if self.name == "vtt" else str))
        if made := flow.unit(parts, location=location, form=(str(len(lines)), newline)):
            builder.add(*made)


SRT = Subtitles("srt", "SubRip subtitles", ("application/x-subrip",), (".srt",))
VTT = Subtitles("vtt", "WebVTT subtitles", ("text/vtt",), (".vtt",))


def _cues(text: str) -> Iterator[list[tuple[int, int]]]:
    """The lines of each cue's text, without their ends."""
    cue: list[tuple[int, int]] | None = None
    for found in _LINE.finditer(text):
        line = found[0].rstrip("\r\n")
        if _TIMES.match(line):
            if cue:
                yield cue
            cue = []
        elif not line.strip():
            if cue:
                yield cue
            cue = None
        elif cue is not None:
            cue.append((found.start(), found.start() + len(line)))
    if cue:
        yield cue


def _spoken(text: str, cue: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The cue as a whole, or line by line where each is another speaker's."""
    if len(cue) > 1 and all(_DIALOGUE.match(text, *line) for line in cue):
        yield from ([line] for line in cue)
    else:
        yield cue


def _parts(text: str, start: int, end: int, *, read: Callable[[str], str]) -> Iterator[Part]:
    position = start
    for found in _MARKUP.finditer(text, start, end):
        if found.start() > position:
            yield _said(text, position, found.start(), read)
        kind = PartKind.POINT if not found[2] else PartKind.CLOSE if found[1] else PartKind.OPEN
        yield Part(kind, found.start(), found.end(), name=(found[2] or "").lower())
        position = found.end()
    if end > position:
        yield _said(text, position, end, read)


def _said(text: str, start: int, end: int, read: Callable[[str], str]) -> Part:
    said = text[start:end]
    return Part(PartKind.TEXT, start, end, read(said))


def _flat(text: str, place: Place) -> str:
    """A line break would make two lines, an empty one would end the cue, and an arrow could begin another."""
    del place
    return " ".join(text.split() if "\n" in text or "\r" in text else [text]).replace("-->", "->")


def _escape(text: str, place: Place) -> str:
    return _flat(text, place).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lay(written: str, place: Place) -> str:
    """As many lines as there were, of about equal length on the screen."""
    count, newline = int(place.form[0]), place.form[1]
    if not 2 <= count <= _MOST_LINES:
        return written
    shown = _TAG.sub(lambda tag: "\0" * len(tag[0]), written)
    spaces = [number for number, character in enumerate(shown) if character == " "]
    before = [0]
    for character in shown:
        before.append(before[-1] + (character != "\0"))
    cuts: list[int] = []
    for line in range(1, count):
        free = [space for space in spaces if not cuts or space > cuts[-1]]
        if free:
            ideal = before[-1] * line / count
            cuts.append(min(free, key=lambda space: abs(before[space] - ideal)))
    for cut in reversed(cuts):
        written = written[:cut] + newline + written[cut + 1 :]
    return written

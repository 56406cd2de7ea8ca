"""A chat exported from WhatsApp: what people wrote; times, names and the program's own lines stay."""

import re
from collections.abc import Sequence

from app.documents.encoding import decode
from app.documents.format import Composed, Document, Options, Translated
from app.documents.sample import Sample
from app.documents.splice import Builder, as_is, fill
from app.documents.written import composed

_DATE = r"\d{1,4}[./-][ ]?\d{1,2}[./-][ ]?\d{1,4}\.?"
_TIME = (
    r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:[\s\u202f\xa0]*(?:[AaPp]\.?[\s\u202f\xa0]?[Mm]\.?|[^\W\d_]{1,3}))?"
)
_BETWEEN = r",?[ \u202f\xa0](?:(?:às|at|um|a las|à|kl\.)[ ])?"
_STAMP = re.compile(
    rf"^[\u200e\u200f\u202a\ufeff]*(?:\[{_DATE}{_BETWEEN}{_TIME}\][ ]|{_DATE}{_BETWEEN}{_TIME}[ ][-–][ ])",  # noqa: RUF001
    re.MULTILINE,
)
_NAME = re.compile(r"[^\r\n:]{1,80}?:(?:[ ]|(?=[\r\n]|$))")
# Placeholders of the program: marked with a direction mark, or in angle brackets.
_SYSTEM = re.compile(
    r"[ ]*(?:\u200e.*|<[^<>\r\n]{1,80}>[ ]*|[^\s/\\]{1,80}\.\w{2,5}[ ]\([^()\r\n]{1,60}\)[ ]*)$", re.MULTILINE
)
_EDITED = re.compile(r"[ ]*\u200e?<[^<>\r\n]{1,60}>[ ]*$")
_LINE = re.compile("[^\r\n]+")
_LEAST_SHARE = 0.3


class WhatsApp:
    name = "whatsapp"
    title = "WhatsApp chat export"
    media_types = ("text/plain",)
    suffixes = (".txt",)

    def sniff(self, sample: Sample) -> float:
        if sample.text is None:
            return 0.0
        stamps = [found.end() for found in _STAMP.finditer(sample.text)]
        said = sum(bool(_NAME.match(sample.text, end)) for end in stamps)
        lines = sum(1 for _ in _LINE.finditer(sample.text))
        opens = _STAMP.match(sample.text) is not None
        return 0.95 if opens and said >= 1 and len(stamps) > _LEAST_SHARE * lines else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(decode(data), options.limits)
        text = builder.source.text
        stamps = [(found.start(), found.end()) for found in _STAMP.finditer(text)]
        ends = [start for start, _ in stamps] + [len(text)]
        for number, (_, begin) in enumerate(stamps, 1):
            end = ends[number]
            if name := _NAME.match(text, begin, end):
                _message(builder, name.end(), end, f"message {number}")
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        text = fill(document.skeleton, document.units, translations, write=as_is)
        return composed(self, document.skeleton.source, text)


def _message(builder: Builder, start: int, end: int, location: str) -> None:
    text = builder.source.text
    for line in _LINE.finditer(text, start, end):
        if _SYSTEM.match(text, line.start(), line.end()):
            continue
        edited = _EDITED.search(text, max(line.start(), line.end() - 80), line.end())
        builder.plain(line.start(), edited.start() if edited else line.end(), location)

"""PDF: its text layer, page by page, as paragraphs; written as a Word document, since a PDF cannot be set anew."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from statistics import median

import pypdfium2

from app.documents import wordfile
from app.documents.format import Composed, Document, Note, Options, Translated, Unit
from app.documents.limits import Limits
from app.documents.sample import Sample
from app.documents.wordfile import Page
from app.errors import DamagedDocument, EncryptedDocument, UnsupportedDocument

_MAGIC = b"%PDF-"
_MAGIC_WITHIN = 1024
"""Readers look for the mark so far in."""
_HYPHENS = "\x02\ufffe\u00ad"
"""What PDFium gives for a hyphen that only breaks a word at the end of a line."""
_BULLET = re.compile(r"(?:[•◦▪‣·*–—-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")  # noqa: RUF001 - dashes
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_GAP = 1.7
"""Times the height of a line: farther apart, lines are two paragraphs."""
_SHORT = 0.8
"""Of the widest line: what ends a sentence before it ends a paragraph."""
_PDFIUM = threading.Lock()
"""PDFium is not safe for threads."""


class Pdf:
    name = "pdf"
    title = "PDF"
    media_types = ("application/pdf",)
    suffixes = (".pdf",)

    def sniff(self, sample: Sample) -> float:
        return 0.95 if _MAGIC in sample.data[:_MAGIC_WITHIN] else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        with _PDFIUM:
            pages = list(_pages(data, options.limits))
        units = [
            Unit(text, location=f"page {number}, paragraph {place}")
            for number, page in enumerate(pages, 1)
            for place, text in enumerate(page.paragraphs, 1)
            if _says(text)
        ]
        options.limits.check_units(len(units))
        empty = [number for number, page in enumerate(pages, 1) if not any(map(_says, page.paragraphs))]
        if not units:
            raise UnsupportedDocument(
                "The PDF holds no text: its pages are scans. Run text recognition (OCR) on it and send it again."
            )
        notes = [
            Note("scanned_page", f"Page {number} holds no text: it is a scan or empty.") for number in empty
        ]
        return Document(self.name, tuple(units), tuple(pages), tuple(notes))

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        texts = iter(
            unit.text if translated is None else translated.text
            for unit, translated in zip(document.units, translations, strict=True)
        )
        pages: tuple[Page, ...] = document.skeleton
        written = [
            replace(page, paragraphs=tuple(next(texts) if _says(text) else text for text in page.paragraphs))
            for page in pages
        ]
        data = wordfile.write(written, target)
        note = Note("written_as_docx", "A PDF cannot be written anew: this is its text as a Word document.")
        return Composed(data, wordfile.MEDIA_TYPE, ".docx", (note,))


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    left: float
    right: float
    bottom: float
    height: float
    """Of its letters, in points."""


def _pages(data: bytes, limits: Limits) -> Iterator[Page]:
    read = 0
    try:
        with closing(pypdfium2.PdfDocument(data)) as opened:
            limits.check_entries(len(opened))
            for number in range(len(opened)):
                with closing(opened[number]) as page, closing(page.get_textpage()) as text:
                    lines = list(_lines(text))
                    size = page.get_size()
                read += sum(len(line.text) for line in lines)
                limits.check_expanded(read)
                yield _page(size, lines)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise EncryptedDocument(
                "The PDF is password-protected. Remove the password and send it again."
            ) from error
        raise DamagedDocument("The PDF is damaged: it cannot be opened.") from error


def _lines(page: pypdfium2.PdfTextPage) -> Iterator[_Line]:
    count = page.count_chars()
    whole = page.get_text_range(0, count) if count else ""
    for found in re.finditer(r"[^\r\n]+", whole):
        text = found[0].strip()
        if not text:
            continue
        # Where characters and positions do not go together, both are those of the nearest character.
        first = min(found.start() + found[0].index(text[0]), count - 1)
        last = min(found.end() - 1, count - 1)
        left, bottom, _, top = page.get_charbox(first, loose=True)
        _, _, right, _ = page.get_charbox(last, loose=True)
        yield _Line(text, left, right, bottom, max(top - bottom, 1.0))


def _page(size: tuple[float, float], lines: Sequence[_Line]) -> Page:
    paragraphs: list[str] = []
    heights: list[float] = []
    usual = median(line.height for line in lines) if lines else 1.0
    widest = max((line.right for line in lines), default=0.0)
    for number, line in enumerate(lines):
        if number and not _breaks(lines[number - 1], line, usual, widest):
            paragraphs[-1] = _joined(paragraphs[-1], line.text)
        else:
            paragraphs.append(line.text)
            heights.append(round(line.height, 1))
    cleaned = [(_clean(text), height) for text, height in zip(paragraphs, heights, strict=True)]
    kept = [(text, height) for text, height in cleaned if text]
    return Page(size, tuple(text for text, _ in kept), tuple(height for _, height in kept))


def _breaks(before: _Line, line: _Line, usual: float, widest: float) -> bool:
    """Whether a new paragraph begins with `line`."""
    distance = before.bottom - line.bottom
    other_size = abs(before.height - line.height) > 0.15 * max(before.height, line.height)
    beside = abs(distance) < 0.5 * usual and line.left > before.right
    if beside or distance < -0.5 * usual or distance > _GAP * max(before.height, usual):
        return True
    ended = before.text.endswith((".", "!", "?", ":", ";")) and before.right < _SHORT * widest
    return other_size or ended or bool(_BULLET.match(line.text))


def _joined(before: str, line: str) -> str:
    if before[-1] in _HYPHENS:
        return before[:-1] + line
    if before.endswith("-") and before[-2:-1].isalpha() and line[:1].islower():
        return before[:-1] + line
    return f"{before} {line}"


def _says(text: str) -> bool:
    """Whether there is something to translate: no page number."""
    return any(map(str.isalpha, text))


def _clean(text: str) -> str:
    return " ".join(_CONTROLS.sub("", text).split())

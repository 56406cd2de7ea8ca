"""What a document is to the rest of the service, and what every format can do.

`extract` gives the units of text that a reader sees, in reading order; `compose` puts other words in their place
and leaves every other byte as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from app.documents.limits import Limits
from app.documents.sample import Sample


class TagKind(Enum):
    PAIR = "pair"
    """Round text that is translated: bold, a link."""
    POINT = "point"
    """Between two characters, `start == end`: an image, a note's number, a comment."""
    KEPT = "kept"
    """Covers text that comes back as it was: code, a line break, what is marked as not to be translated."""


@dataclass(frozen=True, slots=True)
class InlineTag:
    """A half-open range of the unit's text. A unit's tags stand in the order in which they open."""

    kind: TagKind
    start: int
    end: int
    name: str = ""
    """As the format calls it: `b`, `strong`, `w:r`. For people; a format knows its tags by their number."""
    parent: int | None = None
    """Number of the tag it lies in."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Text that belongs together: a paragraph, a cell, a title; one or more sentences."""

    text: str
    """As the reader sees it: entities and escapes resolved, formatting gone, line wraps made spaces."""
    tags: tuple[InlineTag, ...] = ()
    location: str = ""
    """Where it is, for people: `line 3`, `Sheet1!B7`. Never holds text of the document but names and keys."""
    language: str | None = None
    """What the document says it is written in."""


@dataclass(frozen=True, slots=True)
class Translated:
    text: str
    tags: tuple[InlineTag, ...] = ()
    """The unit's tags, all of them in the same order, with ranges of this text (see app/documents/nesting.py)."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that whoever asked should know about the document as a whole or one unit."""

    code: str
    message: str
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    limits: Limits = field(default_factory=Limits)
    columns: tuple[str, ...] | None = None
    """CSV and TSV: names from the first row, or numbers from 1. None: every column that holds words."""
    pointers: tuple[str, ...] | None = None
    """JSON: RFC 6901 pointers, `*` for any one step. None: every string value."""
    elements: tuple[str, ...] | None = None
    """XML: names of elements whose text is translated. None: every element."""
    kept: tuple[str, ...] = ()
    """HTML, XML: names of elements that stand as they are, text and all."""
    splitting: tuple[str, ...] = ()
    """XML: names of elements that are units of their own, wherever they are."""
    joining: tuple[str, ...] = ()
    """XML: names of elements that are part of a unit with what is round them."""
    outlined: bool = True
    """XML: elements without text of their own are structure. If not, only those of `splitting` are."""
    attachments: bool = False
    """E-mail: translate attachments, too."""
    sheet_names: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    format: str
    """The `name` of the format that extracted it."""
    units: tuple[Unit, ...]
    skeleton: Any
    """What the format needs to compose; private to it, frozen, can be pickled."""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    data: bytes
    media_type: str
    suffix: str
    """With its point. Not that of the source where the format cannot be written (PDF)."""
    notes: tuple[Note, ...] = ()


class DocumentFormat(Protocol):
    @property
    def name(self) -> str:
        """Stable, lower case: `docx`."""

    @property
    def title(self) -> str:
        """For people: `Word document`."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """The first is what `compose` writes."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """With their points. The first is what `compose` writes."""

    def sniff(self, sample: Sample) -> float:
        """From 0, cannot be, to 1, certain; from the content alone. The registry weighs the name."""

    def extract(self, data: bytes, options: Options) -> Document:
        """Raises DamagedDocument, EncryptedDocument or TooLarge."""

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        """One translation a unit; None leaves the unit as it stands, to the byte.

        `target`, a language code, is written where the format states its language.
        """

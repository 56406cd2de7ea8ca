"""Documents within documents: the files of an archive, the parts and attachments of a message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.documents.format import Composed, Document, DocumentFormat, Note, Options, Translated, Unit
from app.documents.limits import Limits

Find = Callable[[bytes, str, Limits], DocumentFormat]
"""The format of a file with that content and name. Raises UnsupportedDocument and the like."""
ByName = Callable[[str], DocumentFormat]


@dataclass(frozen=True, slots=True)
class Inner:
    name: str
    document: Document
    first: int
    """Number of its first unit among those of the whole."""

    def translations(self, whole: Sequence[Translated | None]) -> Sequence[Translated | None]:
        return whole[self.first : self.first + len(self.document.units)]


class Gathering:
    """Inner documents, and their units one after the other."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.units: list[Unit] = []
        self.inner: list[Inner] = []

    def add(self, name: str, document: Document) -> Inner:
        """The units' locations begin with the name, if there is one."""
        made = Inner(name, document, len(self.units))
        prefix = f"{name}: " if name else ""
        self.units += (replace(unit, location=f"{prefix}{unit.location}") for unit in document.units)
        self._limits.check_units(len(self.units))
        self.inner.append(made)
        return made


def composed(
    inner: Inner, form: DocumentFormat, translations: Sequence[Translated | None], target: str | None
) -> Composed | None:
    """None where nothing is to be written anew."""
    mine = inner.translations(translations)
    if all(each is None for each in mine):
        return None
    return form.compose(inner.document, mine, target=target)


def notes(inner: Inner, found: Sequence[Note]) -> list[Note]:
    """Notes of an inner document as those of the whole."""
    return [
        replace(note, unit=None if note.unit is None else note.unit + inner.first, message=_told(inner, note))
        for note in found
    ]


def inside(options: Options) -> Options:
    """For what is within: no attachments of attachments."""
    return replace(options, attachments=False, columns=None, pointers=None, elements=None)


def _told(inner: Inner, note: Note) -> str:
    return f"{inner.name}: {note.message}" if inner.name else note.message

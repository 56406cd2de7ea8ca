"""Documents that are ZIP archives of XML parts: each part is read and written on its own, the rest is copied."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.documents.archive import Archive, write
from app.documents.encoding import UNDECODED, Source
from app.documents.format import Document, Note, Translated, Unit
from app.documents.limits import Limits
from app.documents.nesting import unchanged
from app.documents.splice import Patch, Place, Render, Template, Write, as_is, fill, has_letters

_SIGNATURES = ("_xmlsignatures/", "META-INF/documentsignatures.xml", "META-INF/signatures.xml")


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    template: Template
    numbers: tuple[int, ...]
    """Which unit each place holds; what is written twice is one unit with two places."""


@dataclass(frozen=True, slots=True)
class Package:
    archive: Archive
    parts: tuple[Part, ...]
    kind: str = ""
    """Which of its format's kinds it is, if there are several."""


class Shelf:
    """Gathers units over the parts of a package."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.units: list[Unit] = []
        self._parts: list[Part] = []
        self._places: list[Place] = []
        self._numbers: list[int] = []

    def add(self, place: Place, unit: Unit) -> int | None:
        """The number of the unit; None where there is nothing to translate."""
        if UNDECODED.search(unit.text) or not has_letters(unit):
            return None
        self.units.append(unit)
        self._limits.check_units(len(self.units))
        return self.again(place, len(self.units) - 1)

    def again(self, place: Place, number: int) -> int:
        """One more place of a unit that was added."""
        self._places.append(place)
        self._numbers.append(number)
        return number

    def close(self, name: str, source: Source) -> None:
        """Everything added since the last call stands in this part."""
        if self._places:
            self._parts.append(Part(name, Template(source, tuple(self._places)), tuple(self._numbers)))
        self._places, self._numbers = [], []

    def document(
        self, form: str, archive: Archive, *, kind: str = "", notes: Sequence[Note] = ()
    ) -> Document:
        return Document(form, tuple(self.units), Package(archive, tuple(self._parts), kind), tuple(notes))


Current = Callable[[str], bytes | None]
"""A part by its name, as it is to be written."""


def compose(
    document: Document,
    translations: Sequence[Translated | None],
    *,
    writer: Callable[[Template], Write] | None = None,
    render: Render | None = None,
    more: Callable[[Template], Iterable[Patch]] | None = None,
    extra: Callable[[Current], dict[str, bytes]] | None = None,
) -> bytes:
    """`more`: other changes in each part that changed. `extra`: parts to change where any did."""
    package: Package = document.skeleton
    changed: dict[str, bytes] = {}
    for part in package.parts:
        mine = [translations[number] for number in part.numbers]
        units = [document.units[number] for number in part.numbers]
        if all(unchanged(unit, each) for unit, each in zip(units, mine, strict=True)):
            continue
        template = part.template
        patches = more(template) if more else ()
        write_text = writer(template) if writer else as_is
        text = fill(template, units, mine, write=write_text, render=render, more=patches)
        changed[part.name] = _encoded(template.source, text)
    if not changed:
        return package.archive.source
    if extra:
        changed |= extra(lambda name: changed.get(name, package.archive.data(name)))
    return write(package.archive, changed)


def macros(archive: Archive) -> list[Note]:
    if not any(entry.name.endswith("vbaProject.bin") or entry.name.startswith(("Basic/", "Scripts/"))
               for entry in archive.entries):  # fmt: skip
        return []
    return [Note("macros_kept", "The document has macros. They were kept as they are and never run.")]


def embedded(archive: Archive) -> list[Note]:
    if not any("/embeddings/" in entry.name for entry in archive.entries):
        return []
    return [
        Note(
            "embedded_kept",
            "Files within the document, such as the tables behind its charts, were kept as they are.",
        )
    ]


def signed(archive: Archive) -> list[Note]:
    if not any(entry.name.startswith(_SIGNATURES) and not entry.info.is_dir() for entry in archive.entries):
        return []
    return [
        Note("signature_broken", "The document is signed. The signature does not hold for its translation.")
    ]


def within(data: bytes, marks: tuple[bytes, bytes], change: Callable[[bytes], bytes]) -> bytes:
    """`data` with what stands between each pair of marks changed."""
    opening, closing = marks
    made: list[bytes] = []
    position = 0
    while (start := data.find(opening, position)) >= 0 and (end := data.find(closing, start)) >= 0:
        made += (data[position:start], change(data[start:end]))
        position = end
    return b"".join((*made, data[position:]))


def located(unit: Unit, where: str) -> Unit:
    return replace(unit, location=f"{where}{', ' if unit.location else ''}{unit.location}")


def _encoded(source: Source, text: str) -> bytes:
    data, converted = source.encode(text)
    return source.mark + text.encode(source.encoding, "xmlcharrefreplace") if converted else data

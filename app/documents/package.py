"""Documents that are ZIP archives of XML parts: each part is read and written on its own, the rest is copied."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.documents.archive import Archive, write
from app.documents.encoding import UNDECODED, Source
from app.documents.format import Document, Note, Translated, Unit
from app.documents.limits import Limits
from app.documents.nesting import unchanged
from app.documents.splice import Patch, Place, Render, Template, fill, has_letters


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


More = Callable[[str, str], Iterable[Patch]]
"""Changes outside of the places, from a part's name and text."""


def compose(
    document: Document,
    translations: Sequence[Translated | None],
    *,
    render: Render | None = None,
    write_text: Callable[[str, Place], str] | None = None,
    extra: Callable[[Archive], dict[str, bytes]] | None = None,
) -> bytes:
    """`extra`: other parts to change where any unit did."""
    package: Package = document.skeleton
    pairs = zip(document.units, translations, strict=True)
    if all(unchanged(unit, translated) for unit, translated in pairs):
        return package.archive.source
    changed = extra(package.archive) if extra else {}
    for part in package.parts:
        mine = [translations[number] for number in part.numbers]
        units = [document.units[number] for number in part.numbers]
        if all(unchanged(unit, each) for unit, each in zip(units, mine, strict=True)):
            continue
        text = fill(part.template, units, mine, write=write_text or _refuse, render=render)
        changed[part.name] = _encoded(part.template.source, text)
    return write(package.archive, changed)


def located(unit: Unit, where: str) -> Unit:
    return replace(unit, location=f"{where}{', ' if unit.location else ''}{unit.location}")


def _encoded(source: Source, text: str) -> bytes:
    data, converted = source.encode(text)
    return source.mark + text.encode(source.encoding, "xmlcharrefreplace") if converted else data


def _refuse(text: str, place: Place) -> str:
    del text, place
    raise NotImplementedError

"""Presentations: slides, tables, groups, notes, comments, charts, diagrams, and what masters show of their own."""

from collections.abc import Mapping, Sequence

from app.documents.archive import Archive
from app.documents.docx import DRAWN
from app.documents.format import Note, Options
from app.documents.ooxml import Kind, Office, PartKind, paragraphs
from app.documents.package import Shelf
from app.documents.tree import Element

_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml"
_MACRO = "application/vnd.ms-powerpoint"
_MASTERS = ("presentationml.slideLayout", "presentationml.slideMaster")


class Pptx(Office):
    name = "pptx"
    title = "PowerPoint presentation"
    folder = "ppt/"
    kinds = (
        Kind(f"{_SLIDES}.presentation.main", ".pptx", f"{_SLIDES}.presentation"),
        Kind(f"{_SLIDES}.slideshow.main", ".ppsx", f"{_SLIDES}.slideshow"),
        Kind(f"{_SLIDES}.template.main", ".potx", f"{_SLIDES}.template"),
        Kind(f"{_MACRO}.presentation.macroEnabled.main", ".pptm", f"{_MACRO}.presentation.macroEnabled.12"),
        Kind(f"{_MACRO}.slideshow.macroEnabled.main", ".ppsm", f"{_MACRO}.slideshow.macroEnabled.12"),
    )
    parts = (
        PartKind("presentationml.slide", "slide"),
        PartKind("presentationml.notesSlide", "notes of slide"),
        PartKind("presentationml.comments", "comments"),
        *DRAWN,
        PartKind(_MASTERS[0], "layout"),
        PartKind(_MASTERS[1], "master"),
    )

    def read(
        self, shelf: Shelf, archive: Archive, types: Mapping[str, str], options: Options
    ) -> Sequence[Note]:
        for name, label, source in self.sources(archive, types, options.limits):
            paragraphs(shelf, source, label, skips=_prompts if types[name].endswith(_MASTERS) else None)
            shelf.close(name, source)
        return ()


def _prompts(element: Element) -> bool:
    """A master's placeholder says what to write in its place, to authors alone."""
    return element.name in ("sp", "pic") and any(
        inner.name == "ph"
        for outer in element.children
        if outer.name in ("nvSpPr", "nvPicPr")
        for each in outer.children
        if each.name == "nvPr"
        for inner in each.children
    )

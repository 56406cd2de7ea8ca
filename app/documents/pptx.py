"""Presentations: slides, tables, groups, speaker notes, comments, charts and diagrams."""

from app.documents.docx import DRAWN
from app.documents.ooxml import Kind, Office, PartKind

_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml"
_MACRO = "application/vnd.ms-powerpoint"


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
    )

"""Word documents: body, headers, footers, notes, comments, text boxes, charts and diagrams."""

import re

from app.documents.archive import Archive
from app.documents.ooxml import Kind, Office, PartKind

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_MACRO = "application/vnd.ms-word"
_STATED = re.compile(rb'(<w:docDefaults>.{0,4000}?<w:lang\b[^>]{0,200}?\bw:val=")[^"]*(")', re.DOTALL)
_STYLES = "word/styles.xml"
DRAWN = (
    PartKind("drawingml.chart", "chart"),
    PartKind("drawingml.diagramData", "diagram"),
    PartKind("drawingml.diagramDrawing", "diagram drawing"),
)


class Docx(Office):
    name = "docx"
    title = "Word document"
    folder = "word/"
    kinds = (
        Kind(f"{_WORD}.document.main", ".docx", f"{_WORD}.document"),
        Kind(f"{_WORD}.template.main", ".dotx", f"{_WORD}.template"),
        Kind(f"{_MACRO}.document.macroEnabled.main", ".docm", f"{_MACRO}.document.macroEnabled.12"),
        Kind(f"{_MACRO}.template.macroEnabledTemplate.main", ".dotm", f"{_MACRO}.template.macroEnabled.12"),
    )
    parts = (
        PartKind(".main", "body"),
        PartKind("wordprocessingml.header", "header"),
        PartKind("wordprocessingml.footer", "footer"),
        PartKind("wordprocessingml.footnotes", "footnotes"),
        PartKind("wordprocessingml.endnotes", "endnotes"),
        PartKind("wordprocessingml.comments", "comments"),
        *DRAWN,
    )

    def language(self, archive: Archive, target: str) -> dict[str, bytes]:
        styles = archive.data(_STYLES)
        if styles is None or not _STATED.search(styles):
            return {}
        return {_STYLES: _STATED.sub(rb"\g<1>" + target.encode() + rb"\g<2>", styles, count=1)}

"""Word documents: body, headers, footers, notes, comments, text boxes, charts and diagrams."""

import re

from app.documents.ooxml import Kind, Office, PartKind
from app.documents.package import Current, within

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_MACRO = "application/vnd.ms-word"
_DEFAULTS = (b"<w:docDefaults>", b"</w:docDefaults>")
_STATED = re.compile(rb'(<w:lang\b[^<>]*?\bw:val=")[^"<]*(")')
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

    def language(self, current: Current, target: str) -> dict[str, bytes]:
        styles = current(_STYLES)
        if styles is None:
            return {}
        stated = rb"\g<1>" + target.encode() + rb"\g<2>"
        return {_STYLES: within(styles, _DEFAULTS, lambda inner: _STATED.sub(stated, inner))}

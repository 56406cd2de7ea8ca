"""A Word document from nothing: paragraphs on pages, for formats that cannot be written themselves."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.documents.runs import escaped

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The same pages make the same bytes."""
_OFFICE = "http://schemas.openxmlformats.org"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = (
    f'{_HEAD}<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{MEDIA_TYPE}.main+xml"/></Types>'
)
_LINKS = (
    f'{_HEAD}<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"})
_SMALLEST, _LARGEST = 6.0, 48.0
_LINE_TO_SIZE = 0.85
"""A line's height holds some room above and below its letters."""


@dataclass(frozen=True, slots=True)
class Page:
    size: tuple[float, float]
    """Width and height in points."""
    paragraphs: tuple[str, ...]
    heights: tuple[float, ...]
    """Of each paragraph's lines, in points."""


def write(pages: Sequence[Page], language: str | None = None) -> bytes:
    width, height = pages[0].size
    section = (
        f'<w:sectPr><w:pgSz w:w="{round(width * 20)}" w:h="{round(height * 20)}"/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134"/></w:sectPr>'
    )
    body = "".join(piece for number, page in enumerate(pages) for piece in _page(page, number, language))
    document = (
        f'{_HEAD}<w:document xmlns:w="{_OFFICE}/wordprocessingml/2006/main"><w:body>{body}{section}</w:body>'
        "</w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _LINKS),
            ("word/document.xml", document),
        ):
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(info, text.encode())
    return out.getvalue()


def _page(page: Page, number: int, language: str | None) -> Iterator[str]:
    """At least one paragraph, so that a page without text is a page still."""
    texts = list(zip(page.paragraphs, page.heights, strict=True)) or [("", _SMALLEST)]
    right_to_left = language is not None and language.partition("-")[0].lower() in _RIGHT_TO_LEFT
    for place, (text, height) in enumerate(texts):
        form = "<w:pageBreakBefore/>" if number and place == 0 else ""
        form += "<w:bidi/>" if right_to_left else ""
        size = round(min(max(height * _LINE_TO_SIZE, _SMALLEST), _LARGEST) * 2)
        run = f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>{"<w:rtl/>" if right_to_left else ""}'
        run += f'<w:lang w:val="{escaped(language)}"/>' if language else ""
        yield (
            f'<w:p><w:pPr>{form}<w:spacing w:after="120"/></w:pPr><w:r><w:rPr>{run}</w:rPr>'
            f'<w:t xml:space="preserve">{escaped(text)}</w:t></w:r></w:p>'
        )

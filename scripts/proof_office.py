"""Office files by python-docx, python-pptx, openpyxl and XlsxWriter, and a flat document for LibreOffice."""

import io
import struct
import zlib
from typing import Any

import docx
import openpyxl
import pptx
import xlsxwriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from scripts import proof_texts as said


def files() -> dict[str, bytes]:
    return {
        "writer.fodt": flat_text().encode(),
        "letter.docx": letter(),
        "minutes.docx": minutes(),
        "talk.pptx": talk(),
        "plan.pptx": plan(),
        "loans.xlsx": loans(),
        "stock.xlsx": stock(),
    }


def picture() -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    rows = b"".join(b"\0" + bytes((40, 90, 160)) * 60 for _ in range(40))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60, 40, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def letter() -> bytes:
    made = docx.Document()
    made.sections[0].header.paragraphs[0].text = said.HEADER
    made.sections[0].footer.paragraphs[0].text = said.FOOTER
    made.add_heading(said.TITLE, 0)
    lead = made.add_paragraph()
    words = said.LEAD.split()
    for number, word in enumerate(words):
        lead.add_run(word + " " * (number < len(words) - 1)).bold = number in (1, 2, 3)
    for number, text in enumerate(said.PARAGRAPHS * 4):
        if number % 5 == 0:
            made.add_heading(f"{number // 5 + 1}. {said.SLIDES[number // 5 % 3][0]}", 1)
        made.add_paragraph(text)
    for item in said.LIST:
        made.add_paragraph(item, style="List Bullet")
    table = made.add_table(rows=0, cols=3, style="Light Grid Accent 1")
    for row in said.TABLE:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    made.add_paragraph(said.CAPTION, style="Caption")
    made.add_picture(io.BytesIO(picture()), width=Cm(4))
    made.inline_shapes[0]._inline.docPr.set("descr", said.ALT)  # noqa: SLF001 - it has no call for it
    return saved(made)


def minutes() -> bytes:
    """With a comment, a link, and tracked changes."""
    made = docx.Document()
    made.core_properties.title = said.TITLE
    made.add_heading(said.SLIDES[1][0], 1)
    first = made.add_paragraph(said.PARAGRAPHS[2])
    made.add_comment(first.runs[0], text=said.COMMENT, author="Ana", initials="A")
    link = made.add_paragraph("Ver ")
    part = made.part.relate_to(
        "https://example.org/", docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, is_external=True
    )
    hyperlink = OxmlElement("w:hyperlink")
    hyperlink.set(qn("r:id"), part)
    hyperlink.append(run(said.LINK, "w:t"))
    link._p.append(hyperlink)  # noqa: SLF001
    link.add_run(" para saber mais.")
    tracked = made.add_paragraph("Vieram os voluntários ")
    for kind, text, tag in (("w:ins", said.INSERTED, "w:t"), ("w:del", said.DELETED, "w:delText")):
        change = OxmlElement(kind)
        for name, value in (("w:id", "7"), ("w:author", "Rui"), ("w:date", "2026-01-02T03:04:05Z")):
            change.set(qn(name), value)
        change.append(run(text, tag))
        tracked._p.append(change)  # noqa: SLF001
    tracked.add_run(".")
    for text in said.PARAGRAPHS:
        made.add_paragraph(text, style="List Number")
    return saved(made)


def run(text: str, tag: str) -> Any:
    made, inner = OxmlElement("w:r"), OxmlElement(tag)
    inner.text = text
    inner.set(qn("xml:space"), "preserve")
    made.append(inner)
    return made


def talk() -> bytes:
    made = pptx.Presentation()
    for number, (title, points) in enumerate(said.SLIDES):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = "\n".join(points)
        slide.notes_slide.notes_text_frame.text = said.NOTES[number % 2]
    last = made.slides.add_slide(made.slide_layouts[5])
    last.shapes.title.text = said.CAPTION
    table = last.shapes.add_table(4, 3, Inches(1), Inches(2), Inches(8), Inches(2)).table
    for row, texts in enumerate(said.TABLE):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    return saved(made)


def plan() -> bytes:
    """With a chart, a group, a picture and a text box."""
    made = pptx.Presentation()
    slide = made.slides.add_slide(made.slide_layouts[5])
    slide.shapes.title.text = said.CHART
    data = CategoryChartData()
    data.categories = [row[0] for row in said.TABLE[1:]]
    data.add_series(said.AXIS, [int(row[1]) for row in said.TABLE[1:]])
    place = (Inches(1), Inches(1.6), Inches(7), Inches(4))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = said.CHART
    second = made.slides.add_slide(made.slide_layouts[6])
    group = second.shapes.add_group_shape()
    for number, item in enumerate(said.LIST):
        box = group.shapes.add_textbox(Inches(1), Inches(1 + number), Inches(6), Inches(0.8))
        box.text_frame.text = item
    shown = second.shapes.add_picture(io.BytesIO(picture()), Inches(1), Inches(5))
    shown._element.nvPicPr.cNvPr.set("descr", said.ALT)  # noqa: SLF001
    return saved(made)


def loans() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(said.SHEET)
        bold = book.add_format({"bold": True})
        for row, texts in enumerate(said.ROWS):
            sheet.write_row(row, 0, texts, bold if row == 0 else None)
        sheet.write_formula("B6", "=SUM(B2:B5)", None, 518)
        sheet.write_rich_string("C6", "Total de ", bold, "quatro meses", " de trabalho")
        sheet.write_comment("C3", said.COMMENT)
        sheet.set_header(f"&C{said.HEADER}")
        sheet.set_column(2, 2, 40)
        sheet.insert_textbox("E12", said.BOX)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": f"='{said.SHEET}'!$B$2:$B$5", "categories": f"='{said.SHEET}'!$A$2:$A$5"})
        chart.set_title({"name": said.CHART})
        chart.set_y_axis({"name": said.AXIS})
        sheet.insert_chart("E1", chart, {"x_scale": 0.6, "y_scale": 0.6})
    return out.getvalue()


def stock() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Livros"
    for row in (
        ("Código", "Título", "Preço"),
        *((f"L-{n:03}", text, n * 1.5) for n, text in enumerate(said.LIST, 1)),
    ):
        sheet.append(row)
    sheet.add_table(Table(displayName="Livros", ref="A1:C4"))
    sheet["A6"] = said.BOX
    sheet["A6"].font = Font(italic=True)
    sheet["B2"].comment = Comment(said.COMMENT, "Ana")
    sheet["C6"] = "=SUM(C2:C4)"
    chart = BarChart()
    chart.title = said.CHART
    chart.add_data(Reference(sheet, min_col=3, min_row=2, max_row=4))
    sheet.add_chart(chart, "E2")
    book.create_sheet("Vazia")
    return saved(book)


def flat_text() -> str:
    """Everything that a text document can hold and the libraries above cannot write."""
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (
            ("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
            ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"),
        )
    )  # fmt: skip
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in row)
        + "</table:table-row>"
        for row in said.TABLE
    )
    change = (
        "<text:tracked-changes>"
        + "".join(
            f'<text:changed-region text:id="{name}"><text:{kind}><office:change-info><dc:creator>Rui</dc:creator>'
            f"<dc:date>2026-01-02T03:04:05</dc:date></office:change-info>{inner}</text:{kind}></text:changed-region>"
            for name, kind, inner in (
                ("c1", "insertion", ""), ("c2", "deletion", f"<text:p>{said.DELETED}</text:p>"),
            )
        )
        + "</text:tracked-changes>"
    )  # fmt: skip
    note = (
        '<text:note text:id="{0}" text:note-class="{0}"><text:note-citation>1</text:note-citation><text:note-body>'
        "<text:p>{1}</text:p></text:note-body></text:note>"
    )
    comment = (
        "<office:annotation><dc:creator>Ana</dc:creator><dc:date>2026-01-02T03:04:05</dc:date>"
        f"<text:p>{said.COMMENT}</text:p></office:annotation>"
    )
    box = (
        '<draw:frame text:anchor-type="paragraph" svg:width="6cm" svg:height="2cm" svg:x="10cm" svg:y="0cm">'
        f"<draw:text-box><text:p>{said.BOX}</text:p></draw:text-box></draw:frame>"
    )
    many = "".join(f"<text:p>{text}</text:p>" for text in said.PARAGRAPHS * 3)
    items = "".join(f"<text:list-item><text:p>{item}</text:p></text:list-item>" for item in said.LIST)
    columns = '<table:table-column table:number-columns-repeated="3"/>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles><style:page-layout style:name="L"><style:page-layout-properties fo:margin="2cm"/><style:header-style/>
<style:footer-style/></style:page-layout><style:style style:name="B" style:family="text"><style:text-properties
 fo:font-weight="bold"/></style:style></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L"><style:header><text:p>{said.HEADER}
</text:p></style:header><style:footer><text:p>{said.FOOTER}, <text:page-number/></text:p></style:footer></style:master-page>
</office:master-styles><office:body><office:text>{change}<text:h text:outline-level="1">{said.TITLE}</text:h>
<text:p>{said.LEAD}{comment} A ponte<text:span text:style-name="B"> velha do rio</text:span>{note.format("footnote", said.FOOTNOTE)}
 resistiu.</text:p><text:p>{box}Ver <text:a xlink:type="simple" xlink:href="https://example.org/">{said.LINK}</text:a>.</text:p>
<text:p>Vieram os voluntários <text:change-start text:change-id="c1"/>{said.INSERTED}<text:change-end text:change-id="c1"/>
<text:change text:change-id="c2"/>.{note.format("endnote", said.ENDNOTE)}</text:p><text:list>{items}</text:list>
<table:table table:name="T">{columns}{rows}</table:table><text:p>{said.CAPTION}</text:p>{many}
</office:text></office:body></office:document>"""

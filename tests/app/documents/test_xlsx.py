import io
import re

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table

from app.documents import registry
from app.documents.archive import Archive
from app.documents.format import Options, Translated
from app.documents.limits import Limits
from app.documents.ooxml import TYPES
from tests.app.documents.backends import assert_untouched, read, texts, through
from tests.app.documents.test_archive import packed

XLSX = registry.by_name("xlsx")
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
X = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book() -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "Contas"
    sheet["A1"], sheet["B1"] = "Nome do cliente", "Valor total"
    sheet["A2"], sheet["B2"], sheet["A3"], sheet["B3"] = "Uma cadeira", 12.5, "AB-123", "=SUM(B2:B2)"
    sheet["D3"] = CellRichText("Isto é ", TextBlock(InlineFont(b=True), "muito"), " bom")
    sheet["D3"].comment = Comment("Um comentário", "Ana")
    sheet.add_table(Table(displayName="T1", ref="A1:B3"))
    sheet.oddFooter.left.text = "Página &P de &N"
    chart = BarChart()
    chart.title = "Vendas por mês"
    chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=2))
    sheet.add_chart(chart, "F1")
    stored = io.BytesIO()
    made.save(stored)
    return stored.getvalue()


def shared() -> bytes:
    strings = (
        '<si><t>Título</t></si><si><r><t xml:space="preserve">um </t></r><r><rPr><b/></rPr><t>dois</t></r></si>'
        "<si><t>Duas\nlinhas</t></si>"
    )
    cells = "".join(f'<c r="{at}" t="s"><v>{n}</v></c>' for n, at in enumerate(("A1", "B2", "C3")))
    parts = {"workbook": "sheet.main", "sharedStrings": "sharedStrings", "worksheets/s1": "worksheet"}
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{SHEETS}.{kind}+xml"/>'
        for name, kind in parts.items()
    )
    return packed(
        {
            TYPES: f"<Types>{types}</Types>".encode(),
            "xl/workbook.xml": f'<workbook {X} xmlns:r="{R}"><sheet name="Folha" r:id="i1"/></workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": b'<R><Relationship Id="i1" Target="worksheets/s1.xml"/></R>',
            "xl/worksheets/s1.xml": f"<worksheet {X}>{cells}</worksheet>".encode(),
            "xl/sharedStrings.xml": f"<sst {X}>{strings}</sst>".encode(),
        }
    )


def test_texts_are_read_and_numbers_codes_formulas_and_columns_are_not() -> None:
    document = read(XLSX, book())
    assert [(unit.text, unit.location) for unit in document.units[:2]] == [
        ("Uma cadeira", "Contas!A2"),
        ("Isto é muito bom", "Contas!D3"),
    ]
    assert [unit.text for unit in document.units[2:]] == [
        "Página ",
        " de ",
        "Um comentário",
        "Vendas por mês",
    ]
    assert [note.code for note in document.notes] == ["header_kept"]
    assert_untouched(XLSX, book())


def test_another_program_reads_the_result() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(through(XLSX, book(), target="en").data), rich_text=True).active
    assert [sheet[at].value for at in ("A1", "A2", "A3", "B2", "B3")] == [
        "Nome do cliente", "UMA CADEIRA", "AB-123", 12.5, "=SUM(B2:B2)"]  # fmt: skip
    assert [str(part) for part in sheet["D3"].value] == ["ISTO É ", "MUITO", " BOM"]
    assert sheet["D3"].comment.text == "UM COMENTÁRIO"
    assert sheet.oddFooter.left.text == "PÁGINA &P DE &N"


def test_shared_strings_are_found_in_their_cells() -> None:
    assert [(unit.text, unit.location) for unit in read(XLSX, shared()).units] == [
        ("Título", "Folha!A1"),
        ("um dois", "Folha!B2"),
        ("Duas\nlinhas", "Folha!C3"),
    ]
    assert_untouched(XLSX, shared())
    made = through(XLSX, shared()).data
    assert texts(XLSX, made) == ["TÍTULO", "UM DOIS", "DUAS\nLINHAS"]
    strings = Archive.read(made, Limits()).data("xl/sharedStrings.xml")
    assert strings is not None
    assert b'<si><t xml:space="preserve">T\xc3\x8dTULO</t></si>' in strings
    assert b"<rPr><b/></rPr>" in strings


def test_names_of_sheets_are_translated_on_request_where_nothing_uses_them() -> None:
    named = Options(sheet_names=True)
    document = read(XLSX, shared(), named)
    assert [unit.text for unit in document.units][3:] == ["Folha"]
    made = XLSX.compose(document, [None, None, None, Translated("A long: sheet/name " + "x" * 40)])
    (title,) = titles(made.data)
    assert title == ("A long  sheet name " + "x" * 40)[:31]
    assert titles(XLSX.compose(document, [None, None, None, Translated("FOLHA")]).data) == ["Folha"]
    assert_untouched(XLSX, shared(), named)
    used = read(XLSX, book(), named)
    assert [note.code for note in used.notes] == ["sheet_names_kept", "header_kept"]
    assert "Contas" not in [unit.text for unit in used.units]


def titles(data: bytes) -> list[str]:
    content = Archive.read(data, Limits()).data("xl/workbook.xml")
    assert content is not None
    return re.findall(r'<sheet name="([^"]*)"', content.decode())

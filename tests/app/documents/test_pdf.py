import io
from pathlib import Path

import docx
import pytest

from app.documents import registry
from app.documents.format import Options
from app.documents.limits import Limits
from app.errors import DamagedDocument, EncryptedDocument, TooLarge, UnsupportedDocument
from tests.app.documents.backends import read, texts, through

PDF = registry.by_name("pdf")
FILES = Path(__file__).parents[2] / "files"
REPORT = (FILES / "report.pdf").read_bytes()


def pdf(*pages: list[tuple[int, int, str]]) -> bytes:
    """Each page: lines of a height above the bottom and a size."""
    found = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        drawn = "".join(f"BT /F {size} Tf 50 {y} Td ({text}) Tj ET\n" for y, size, text in lines).encode()
        found.append(b"<</Length %d>>stream\n%bendstream" % (len(drawn), drawn))
        kids.append(f"{len(found) + 1} 0 R")
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(found)} 0 R"
        found.append(f"{page}/Resources<</Font<</F 3 0 R>>>>>>".encode())
    found[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    out = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(found, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    count = len(found) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%b%b" % (count, table, trailer)


FIRST = [
    (780, 24, "The annual report"),
    (740, 12, "This is a paragraph that runs over more than one line and is"),
    (726, 12, "joined again, as a reader would."),
    (690, 12, "Another one begins here."),
    (40, 12, "1"),
]
SECOND = [(780, 12, "The second page.")]


def test_lines_become_paragraphs_in_page_order() -> None:
    document = read(PDF, pdf(FIRST, SECOND))
    assert [(unit.text, unit.location) for unit in document.units] == [
        ("The annual report", "page 1, paragraph 1"),
        (f"{FIRST[1][2]} {FIRST[2][2]}", "page 1, paragraph 2"),
        ("Another one begins here.", "page 1, paragraph 3"),
        ("The second page.", "page 2, paragraph 1"),
    ]
    assert document.notes == ()


def test_it_is_written_as_a_word_document_with_its_pages() -> None:
    made = through(PDF, pdf(FIRST, [], SECOND), target="pt")
    assert made.suffix == ".docx"
    assert [note.code for note in made.notes] == ["written_as_docx"]
    assert registry.find(made.data, "x.docx").name == "docx"
    opened = docx.Document(io.BytesIO(made.data))
    assert [each.text for each in opened.paragraphs][-3:] == ["1", "", "THE SECOND PAGE."]
    assert [bool(each.paragraph_format.page_break_before) for each in opened.paragraphs][-3:] == [
        False, True, True]  # fmt: skip
    assert through(PDF, pdf(FIRST), target="ar").data == through(PDF, pdf(FIRST), target="ar").data


def test_pages_without_text_are_named() -> None:
    (note,) = read(PDF, pdf(FIRST, [])).notes
    assert (note.code, "Page 2" in note.message) == ("scanned_page", True)
    with pytest.raises(UnsupportedDocument, match="scans"):
        read(PDF, pdf([], []))


def test_a_file_of_libreoffice_is_read() -> None:
    assert registry.find(REPORT, "report.txt").name == "pdf"
    assert texts(PDF, REPORT)[:2] == ["Relatório anual", "Um parágrafo com negrito, itálico e uma ligação."]


def test_a_password_is_named() -> None:
    with pytest.raises(EncryptedDocument, match="password-protected"):
        read(PDF, (FILES / "locked.pdf").read_bytes())


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(range(256)) * 50])
def test_what_is_broken_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedDocument, match="damaged"):
        read(PDF, data)


def test_limits_hold() -> None:
    with pytest.raises(TooLarge):
        read(PDF, pdf(FIRST, FIRST), Options(limits=Limits(max_entries=1)))
    with pytest.raises(TooLarge):
        read(PDF, pdf(FIRST), Options(limits=Limits(max_units=2)))
    with pytest.raises(TooLarge):
        read(PDF, pdf(FIRST), Options(limits=Limits(max_bytes=10)))

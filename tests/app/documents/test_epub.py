import io
import zipfile
from pathlib import Path

import pytest

from app.documents import registry
from app.documents.archive import Archive
from app.documents.limits import Limits
from app.errors import DamagedDocument, EncryptedDocument
from tests.app.documents.backends import assert_untouched, read, texts, through
from tests.app.documents.test_archive import packed

EPUB = registry.by_name("epub")
REPORT = (Path(__file__).parents[2] / "files" / "report.epub").read_bytes()
OPF = (
    '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Um livro</dc:title>'
    "<dc:language>pt</dc:language></metadata><manifest>"
    '<item id="b" href="b%20c.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    '<item id="n" href="t.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
    '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
)
CONTAINER = b'<container><rootfiles><rootfile full-path="o/c.opf"/></rootfiles></container>'


def book(**more: bytes) -> bytes:
    parts = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "o/c.opf": OPF.encode(),
        "o/b c.xhtml": b'<html lang="pt"><body><p>Segundo</p></body></html>',
        "o/a.xhtml": "<html><body><p>Primeiro\u00a0<b>dia</b></p></body></html>".encode(),
        "o/t.ncx": b"<ncx><docTitle><text>Livro</text></docTitle></ncx>",
    }
    return packed(parts | {name.replace("__", "/"): data for name, data in more.items()})


def test_chapters_come_in_reading_order_then_contents_and_title() -> None:
    assert registry.find(book(), "x.zip").name == "epub"
    assert texts(EPUB, book()) == ["Primeiro\u00a0dia", "Segundo", "Livro", "Um livro"]
    assert read(EPUB, book()).units[1].location == "o/b c.xhtml, line 1"
    assert_untouched(EPUB, book())


def test_the_result_is_a_book() -> None:
    made = through(EPUB, book(), target="en").data
    archive = Archive.read(made, Limits())
    assert archive.data("o/a.xhtml") == b"<html><body><p>PRIMEIRO&#160;<b>DIA</b></p></body></html>"
    assert archive.data("o/b c.xhtml") == b'<html lang="en"><body><p>SEGUNDO</p></body></html>'
    assert b"<dc:title>UM LIVRO</dc:title><dc:language>en</dc:language>" in (archive.data("o/c.opf") or b"")


def test_a_book_of_libreoffice_comes_back() -> None:
    assert_untouched(EPUB, REPORT)
    with zipfile.ZipFile(io.BytesIO(through(EPUB, REPORT).data)) as made:
        first = made.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert made.testzip() is None
    assert "RELATÓRIO ANUAL" in texts(EPUB, through(EPUB, REPORT).data)


def test_copy_protection_is_told_from_hidden_fonts() -> None:
    font = b'<e><x Algorithm="http://www.idpf.org/2008/embedding"/></e>'
    assert texts(EPUB, book(**{"META-INF__encryption.xml": font}))
    with pytest.raises(EncryptedDocument, match="protected"):
        read(EPUB, book(**{"META-INF__encryption.xml": font.replace(b"idpf", b"other")}))


def test_a_book_without_chapters_is_damaged() -> None:
    with pytest.raises(DamagedDocument, match="chapters"):
        read(EPUB, packed({"mimetype": b"application/epub+zip", "META-INF/container.xml": b"<a/>"}))

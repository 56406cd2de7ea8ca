import io
import zipfile

import pytest

from app.documents import registry
from app.documents.archive import Archive
from app.documents.format import Options
from app.documents.limits import Limits
from app.errors import DamagedDocument, TooLarge, UnsupportedDocument
from tests.app.documents.backends import assert_untouched, read, texts, through
from tests.app.documents.test_archive import packed

ZIP = registry.by_name("zip")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SOURCE = packed(
    {
        "docs/": b"",
        "docs/carta.txt": "Olá Ana.\n".encode(),
        "docs/página.html": b"<!doctype html><p>um <b>dois</b></p>",
        "mapa.png": PICTURE,
        "inner.zip": packed({"a.txt": b"bom dia"}),
        "broken.json": b'{"a": "um", "b"',
        "__MACOSX/x": b"bom dia",
    }
)


def contents(data: bytes) -> dict[str, bytes]:
    return {entry.name: entry.data for entry in Archive.read(data, Limits()).entries}


def test_each_file_is_translated_in_its_place() -> None:
    assert registry.find(SOURCE, "x.zip").name == "zip"
    document = read(ZIP, SOURCE)
    assert [(unit.text, unit.location) for unit in document.units] == [
        ("Olá Ana.", "docs/carta.txt: line 1"),
        ("um dois", "docs/página.html: line 1"),
    ]
    (note,) = document.notes
    assert note.code == "files_left"
    assert all(name in note.message for name in ("mapa.png", "inner.zip", "broken.json"))
    translated = contents(through(ZIP, SOURCE).data)
    assert list(translated) == list(contents(SOURCE))
    assert translated["docs/carta.txt"] == "OLÁ ANA.\n".encode()
    assert translated["docs/página.html"] == b"<!doctype html><p>UM <b>DOIS</b></p>"
    others = ("mapa.png", "inner.zip", "broken.json", "__MACOSX/x")
    assert all(translated[name] == contents(SOURCE)[name] for name in others)


def test_nothing_translated_is_the_same_archive() -> None:
    assert_untouched(ZIP, SOURCE)


def test_another_program_reads_the_result() -> None:
    with zipfile.ZipFile(io.BytesIO(through(ZIP, SOURCE).data)) as opened:
        assert opened.testzip() is None


def test_what_is_a_zip_only_within_is_none() -> None:
    book = packed({"mimetype": b"application/x-unknown", "content.xml": b"<a>um</a>"})
    with pytest.raises(UnsupportedDocument, match="archive"):
        registry.find(book, "x.zip", among=[ZIP])


@pytest.mark.parametrize("name", ["../carta.txt", "/carta.txt"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(DamagedDocument, match="leads out"):
        read(ZIP, packed({name: b"bom dia"}))


def test_a_bomb_within_is_counted_with_the_rest() -> None:
    bomb = packed({"[Content_Types].xml": b"x", "zeros": bytes(3_000_000)})
    limits = Limits(max_expanded_bytes=4_000_000)
    texts(ZIP, packed({"a.docx": bomb, "b.txt": b"bom dia"}), Options(limits=limits))
    with pytest.raises(TooLarge, match="Unpacked"):
        read(ZIP, packed({"a.docx": bomb, "b.docx": bomb}), Options(limits=limits))


def test_units_are_counted_together() -> None:
    many = packed({f"{number}.txt": b"bom dia\nboa tarde\n" for number in range(5)})
    with pytest.raises(TooLarge, match="pieces"):
        read(ZIP, many, Options(limits=Limits(max_units=9)))

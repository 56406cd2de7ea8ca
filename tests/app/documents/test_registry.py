import zlib

import pytest

from app.documents import registry
from app.documents.limits import Limits
from app.errors import EncryptedDocument, TooLarge, UnsupportedDocument

PAGE = b"<!doctype html><html><body><p>Ol\xc3\xa1</p></body></html>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


@pytest.mark.parametrize(
    ("data", "name", "format_name"),
    [
        (PAGE, "page.html", "html"),
        (PAGE, "page.txt", "html"),
        (PAGE, "", "html"),
        (b"<!-- note -->\n<HTML><p>x", "", "html"),
        (b"Just some words.", "", "txt"),
        (b"Just some words.", "a.md", "md"),
        (b"Just some words.", "a.pdf", "txt"),
        (b"# A title\n\nSome **bold** words and [a link](http://x).\n", "", "md"),
        (b"# A title\n\nSome **bold** words.\n", "notes.txt", "txt"),
        ("Olá".encode("utf-16"), "", "txt"),
        (b"", "empty.txt", "txt"),
    ],
)
def test_content_decides_and_the_name_tips_the_balance(data: bytes, name: str, format_name: str) -> None:
    assert registry.find(data, name).name == format_name


def test_a_media_type_does_what_a_suffix_does() -> None:
    assert registry.find(b"Just words.", media_type="text/markdown; charset=utf-8").name == "md"


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
        (b"\x1f\x8b" + zlib.compress(bytes(range(256))), "gzip"),
        (OLE, "old Office file"),
        (bytes(range(256)), "no format"),
    ],
)
def test_what_is_unknown_is_refused_with_what_is_known(data: bytes, looks: str) -> None:
    with pytest.raises(UnsupportedDocument, match=looks) as refused:
        registry.find(data, "letter.txt")
    assert all(form.name in str(refused.value) for form in registry.FORMATS)


def test_a_protected_office_file_is_named_as_such() -> None:
    with pytest.raises(EncryptedDocument, match="password-protected"):
        registry.find(OLE + "EncryptedPackage".encode("utf-16-le"), "letter.docx")


def test_size_is_checked_first() -> None:
    with pytest.raises(TooLarge):
        registry.find(b"x" * 11, limits=Limits(max_bytes=10))


def test_formats_are_found_by_name() -> None:
    assert [registry.by_name(form.name) for form in registry.FORMATS] == list(registry.FORMATS)
    with pytest.raises(UnsupportedDocument, match="txt"):
        registry.by_name("doc")


def test_no_two_formats_share_a_name_or_a_suffix() -> None:
    names = [form.name for form in registry.FORMATS]
    suffixes = [suffix for form in registry.FORMATS for suffix in form.suffixes if form.name != "whatsapp"]
    assert len(names) == len(set(names))
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize("data", [b"\0\1", b"\1\0\2\0", b"Bom dia\0 a todos os que chegam", b"\0" * 40])
def test_what_holds_zeros_in_no_encoding_is_not_text(data: bytes) -> None:
    with pytest.raises(UnsupportedDocument):
        registry.find(data, "a.txt")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_text_in_wide_characters_is_text(encoding: str) -> None:
    assert registry.find("Bom dia a todos.".encode(encoding), "a.txt").name == "txt"


@pytest.mark.parametrize(
    ("name", "taken"), [("a.TXT", True), ("a", True), ("a.toml", False), ("a.txt.exe", False)]
)
def test_names_that_are_taken(name: str, taken: bool) -> None:
    assert registry.takes(name) is taken

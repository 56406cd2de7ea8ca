from pathlib import Path

import pytest

from app.documents import registry
from app.documents.archive import Archive
from app.documents.format import TagKind
from app.documents.limits import Limits
from app.errors import DamagedDocument, EncryptedDocument
from tests.app.documents.backends import assert_untouched, read, texts, through
from tests.app.documents.test_archive import packed

FILES = Path(__file__).parents[2] / "files"
ODT, ODS, ODP = (registry.by_name(name) for name in ("odt", "ods", "odp"))
SPACES = " ".join(
    f'xmlns:{prefix}="urn:{prefix}"'
    for prefix in ("office", "text", "table", "draw", "svg", "style", "fo", "dc", "xlink")
)
MANIFEST = b"<manifest:manifest xmlns:manifest='urn:m'/>"


def document(body: str, kind: str = "text", styles: str = "", manifest: bytes = MANIFEST) -> bytes:
    def part(inner: str) -> bytes:
        return f"<?xml version='1.0'?><office:document {SPACES}>{inner}</office:document>".encode()

    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "META-INF/manifest.xml": manifest,
            "content.xml": part(f"<office:{kind}>{body}</office:{kind}>"),
            "styles.xml": part(styles),
        }
    )


def content(data: bytes, name: str = "content.xml") -> str:
    found = Archive.read(data, Limits()).data(name)
    assert found is not None
    return found.decode()


@pytest.mark.parametrize("name", ["report.odt", "slides.odp", "accounts.ods"])
def test_files_of_libreoffice_are_read_and_come_back(name: str) -> None:
    data = (FILES / name).read_bytes()
    form = registry.find(data, "x.bin")
    assert form.name == name[-3:]
    assert_untouched(form, data)
    before = texts(form, data)
    assert len(before) >= 6
    assert texts(form, through(form, data, target="en").data) == [text.upper() for text in before]


def test_a_paragraph_is_one_unit_and_its_notes_are_others() -> None:
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Uma nota</text:p>"
        "</text:note-body></text:note>"
    )
    body = (
        f'<text:p>Um <text:span text:style-name="b">dois</text:span>{note} três<text:s text:c="3"/>quatro'
        "<text:line-break/>cinco <text:page-number>7</text:page-number></text:p>"
    )
    first, second = read(ODT, document(body)).units
    assert first.text == "Um dois três   quatro\ncinco 7"
    assert second.text == "Uma nota"
    assert [(tag.kind, first.text[tag.start : tag.end]) for tag in first.tags] == [
        (TagKind.PAIR, "dois"),
        (TagKind.POINT, ""),
        (TagKind.KEPT, "   "),
        (TagKind.KEPT, "\n"),
        (TagKind.KEPT, "7"),
    ]
    made = content(through(ODT, document(body)).data)
    upper = (
        ("Um <", "UM <"), ("dois", "DOIS"), ("três", "TRÊS"), ("quatro", "QUATRO"), ("cinco", "CINCO"),
        ("Uma nota", "UMA NOTA"))  # fmt: skip
    for old, new in upper:
        body = body.replace(old, new)
    assert f"<office:text>{body}</office:text>" in made


def test_numbers_formulas_codes_and_deletions_are_left_alone() -> None:
    cells = "".join(
        f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"
        for attributes, text in (
            ('office:value-type="string"', "Uma cadeira"),
            ('office:value-type="date"', "12 de março"),
            ('office:value-type="string" table:formula="of:=A1"', "Uma cópia"),
            ('office:value-type="string"', "AB-123"),
        )
    )
    assert texts(ODS, document(f"<table:table>{cells}</table:table>", "spreadsheet")) == ["Uma cadeira"]
    deleted = (
        "<text:tracked-changes><text:p>Apagado</text:p></text:tracked-changes><text:p>Novo texto</text:p>"
    )
    assert texts(ODT, document(deleted)) == ["Novo texto"]


def test_headers_and_the_language_are_written() -> None:
    styles = (
        '<style:default-style><x fo:language="pt" fo:country="PT"/></style:default-style>'
        "<style:master-page><style:header><text:p>Cabeçalho</text:p></style:header></style:master-page>"
    )
    made = content(
        through(ODT, document("<text:p>Olá</text:p>", styles=styles), target="en-GB").data, "styles.xml"
    )
    assert 'fo:language="en" fo:country="GB"' in made
    assert "CABEÇALHO" in made


def test_a_password_is_named() -> None:
    manifest = b"<m:manifest xmlns:m='urn:m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    with pytest.raises(EncryptedDocument, match="password-protected"):
        read(ODT, document("<text:p>x</text:p>", manifest=manifest))


@pytest.mark.parametrize(
    "prolog", ['<!DOCTYPE a [<!ENTITY a "aaaa">]>', '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>']
)
def test_entities_are_refused(prolog: str) -> None:
    whole = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": f"{prolog}<a>&a;</a>".encode(),
    }
    with pytest.raises(DamagedDocument, match="entities"):
        read(ODT, packed(whole))


def test_what_is_broken_is_damaged() -> None:
    with pytest.raises(DamagedDocument, match="no content"):
        read(ODT, packed({"mimetype": b"application/vnd.oasis.opendocument.text"}))
    with pytest.raises(DamagedDocument, match="well-formed"):
        read(ODT, document("<text:p>"))
    with pytest.raises(DamagedDocument):
        read(ODT, document("<text:p>Olá</text:p>")[:200])

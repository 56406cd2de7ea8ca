"""Outlook messages in, mail messages out."""

import contextlib
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from app.documents import outlook, registry, rtfmail
from app.documents.format import Options
from app.documents.limits import Limits
from app.errors import DamagedDocument, DocumentError, DragomanError, EncryptedDocument, TooLarge
from tests.app.documents import compound
from tests.app.documents.backends import linear, texts, through

FORM = registry.by_name("msg")
FILES = Path(__file__).parents[2] / "files"
SENT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
WITHIN: Mapping[str, Any] = {"tree": compound.message(within=True, subject="Dentro", body="Olá a todos.")}
NOTES: Mapping[str, Any] = {
    "name": "notas de março.txt", "data": b"Bom dia a todos. " * 400, "media_type": "text/plain",
}  # fmt: skip
# The two examples of MS-OXRTFCP, section 4.
HELLO = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
OVER_AND_OVER = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def letter(**more: Any) -> bytes:
    said: dict[str, Any] = {
        "subject": "Relatório de março", "body": "Bom dia.\r\n\r\nAté já.", "sender": ("Ana Sá", "ana@porto.example"),
        "to": [("Rui", "rui@porto.example"), ("Zé", "/o=Porto/cn=ze")], "sent": SENT,
        "attachments": [NOTES, WITHIN],
    }  # fmt: skip
    return compound.outlook(**{**said, **more})


def mail(data: bytes) -> EmailMessage:
    read = message_from_bytes(data, policy=default)
    assert isinstance(read, EmailMessage)
    return read


def body(read: EmailMessage, kind: str = "plain") -> str:
    found = read.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_subject_and_bodies_are_translated_and_attachments_listed() -> None:
    data = letter()
    assert registry.find(data, "carta.msg").name == "msg"
    document = FORM.extract(data, Options())
    assert [unit.text for unit in document.units] == [
        "Relatório de março", "Dentro", "Bom dia.", "Até já.", "Olá a todos.",
    ]  # fmt: skip
    assert [(note.code, note.message) for note in document.notes] == [
        ("attachments_left", "Not translated: notas de março.txt.")
    ]
    made = through(FORM, data)
    assert (made.suffix, made.media_type) == (".eml", "message/rfc822")
    assert [note.code for note in made.notes] == ["written_as_eml"]
    read = mail(made.data)
    assert (read["Subject"], body(read)) == ("RELATÓRIO DE MARÇO", "BOM DIA.\n\nATÉ JÁ.\n")
    assert read["From"] == "Ana Sá <ana@porto.example>"
    assert read["To"] == "Rui <rui@porto.example>"
    assert read["Cc"].addresses[0].display_name == "Zé"
    assert read["Date"].datetime == SENT
    kept, within = read.iter_attachments()
    assert (kept.get_filename(), kept.get_content()) == (NOTES["name"], NOTES["data"].decode())
    assert body(within.get_content()) == "OLÁ A TODOS.\n"


def test_attachments_are_translated_on_request() -> None:
    report = {"name": "relatório.pdf", "data": (FILES / "report.pdf").read_bytes()}
    made = through(FORM, letter(attachments=[NOTES, report]), options=Options(attachments=True))
    notes, word = mail(made.data).iter_attachments()
    assert notes.get_content() == NOTES["data"].decode().upper()
    assert word.get_filename() == "relatório.docx"
    assert registry.find(word.get_content()).name == "docx"


def test_nothing_translated_is_the_same_message() -> None:
    document = FORM.extract(letter(), Options())
    untouched = FORM.compose(document, [None] * len(document.units)).data
    assert untouched == outlook.as_mail(letter(), Limits())


@pytest.mark.parametrize(
    "stored",
    [
        {"html": "<p>Olá <b>Ana</b></p>".encode("cp1252"), "codepage": 1252},
        {"html": "<p>Olá <b>Ana</b></p>".encode()},
        {"rtf": compound.packed(
            rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 Arial;}}{\colortbl;}{\*\htmltag64 <p>}\htmlrtf {\b"
            rb"\htmlrtf0 Ol\'e1 {\*\mhtmltag2 no}{\*\htmltag84 <b>}\htmlrtf {\htmlrtf0 An\u97?{\*\htmltag92 </b>}"
            rb"\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}\htmlrtf }\htmlrtf0}"
        )},
    ],
)  # fmt: skip
def test_html_is_found_wherever_outlook_puts_it(stored: Mapping[str, Any]) -> None:
    data = compound.outlook(subject="Olá", body="Olá Ana", **stored)
    assert texts(FORM, data) == ["Olá", "Olá Ana", "Olá Ana"]
    assert body(mail(through(FORM, data).data), "html").strip() == "<p>OLÁ <b>ANA</b></p>"


def test_rich_text_alone_and_messages_of_old_programs() -> None:
    rich = compound.outlook(
        subject="Olá", rtf=compound.packed(rb"{\rtf1\ansi Bom dia.\par At\'e9 j\'e1.\par}")
    )
    assert texts(FORM, rich) == ["Olá", "Bom dia.", "Até já."]
    old = compound.outlook(subject="Привет", body="Добрый день.", codepage=1251)
    assert texts(FORM, old) == ["Привет", "Добрый день."]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (HELLO, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"),
        (OVER_AND_OVER, rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
        (compound.packed(b"{\\rtf1 " + bytes(range(32, 127)) * 90 + b"}"), None),
    ],
)
def test_packed_rtf_is_unpacked(data: bytes, said: bytes | None) -> None:
    assert rtfmail.unpacked(data) == (said or b"{\\rtf1 " + bytes(range(32, 127)) * 90 + b"}")


def test_a_subject_cannot_bring_headers_of_its_own() -> None:
    read = mail(
        FORM.compose(FORM.extract(letter(subject="Olá\r\nBcc: x@y.example"), Options()), [None] * 5).data
    )
    assert (read["Bcc"], read["Subject"]) == (None, "Olá Bcc: x@y.example")


def test_what_is_encrypted_is_named() -> None:
    with pytest.raises(EncryptedDocument, match="encrypted"):
        FORM.extract(letter(kind="IPM.Note.SMIME"), Options())


def test_what_is_cut_or_changed_is_read_or_refused() -> None:
    data = letter()
    for cut in range(0, len(data), len(data) // 40):
        refused(data[:cut])
    chance = random.Random(5)  # noqa: S311 - not for secrets
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(4):
            changed[chance.randrange(len(data))] = chance.randrange(256)
        refused(bytes(changed))


def refused(data: bytes) -> None:
    """Or read; nothing else."""
    with contextlib.suppress(DragomanError):
        FORM.extract(data, Options())


def test_a_chain_that_is_read_over_and_over_is_counted() -> None:
    """Every attachment points at one and the same content: the file is small, what it says is not."""
    many = [{"name": f"{number}.bin", "data": bytes(30_000)} for number in range(100)]
    data = compound.compound(compound.message(subject="Olá", attachments=many), shared=True)
    assert len(data) < 300_000
    assert texts(FORM, data) == ["Olá"]
    with pytest.raises(TooLarge):
        FORM.extract(data, Options(limits=Limits(max_expanded_bytes=2_000_000)))


def test_messages_within_messages_end() -> None:
    tree = compound.message(within=True, subject="O fim", body="Fim.")
    for _ in range(60):
        tree = compound.message(within=True, subject="Mais", body="Mais.", attachments=[{"tree": tree}])
    data = letter(attachments=[{"tree": tree}])
    with linear(), pytest.raises((DocumentError, TooLarge)):
        FORM.extract(data, Options(limits=Limits(max_depth=20)))


def test_an_old_office_file_is_none() -> None:
    with pytest.raises(DragomanError, match="old Office file"):
        registry.find(compound.compound({"WordDocument": b"x" * 600}), "carta.msg")
    with pytest.raises(DamagedDocument):
        FORM.extract(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3_000), Options())

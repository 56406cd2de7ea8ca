"""Messages are made and read again by the standard library, which is not what reads them here."""

import email
import email.policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import registry
from app.documents.format import Options, Translated
from app.documents.limits import Limits
from app.errors import DamagedDocument, EncryptedDocument, TooLarge
from tests.app.documents.backends import assert_untouched, linear, read, same, shout, texts, through

EML = registry.by_name("eml")
PIECES = [
    *("Subject: Olá\n", "From: a@b\n", "Content-Type: text/plain; charset=utf-8\n", "\n", "\r\n", "--x\n", "--x--\n"),
    *('Content-Type: multipart/mixed; boundary="x"\n', "Content-Transfer-Encoding: base64\n", "T2zDoQ==\n"),
    *("=C3=A1", "Olá "),
    *("Content-Transfer-Encoding: quoted-printable\n", "Content-Type: text/html\n", "<p>um</p>", " folded\n"),
    *("\x00", "\xff"),
]  # fmt: skip


def message(encoding: str = "quoted-printable", charset: str = "utf-8") -> EmailMessage:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = "Ana <ana@example.org>"
    made["To"] = "bob@example.org"
    made["Subject"] = "Reunião de amanhã sobre a operação na estação do norte, com toda a gente da equipa"
    made.set_content("Olá Bob,\r\n\r\nvemo-nos às três.\r\n", charset=charset, cte=encoding)
    made.add_alternative(
        "<p>Olá <b>Bob</b>, vemo-nos às três.</p>\r\n", subtype="html", charset=charset, cte=encoding
    )
    made.add_attachment(
        b"\x89PNG\r\n\x1a\n" + bytes(99), maintype="image", subtype="png", filename="mapa.png"
    )
    made.add_attachment("Nota final.\r\n", filename="nota.txt")
    return made


def parsed(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_subject_and_bodies_are_translated(encoding: str, charset: str) -> None:
    source = message(encoding, charset).as_bytes()
    assert registry.find(source, "x.eml").name == "eml"
    assert_untouched(EML, source)
    document = read(EML, source)
    subject = str(message()["Subject"])
    assert [unit.text for unit in document.units] == [
        *(subject, "Olá Bob,", "vemo-nos às três.", "Olá Bob, vemo-nos às três."),
    ]
    assert [note.message for note in document.notes] == ["Not translated: mapa.png, nota.txt."]
    found = parsed(through(EML, source).data)
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert found["Subject"] == subject.upper()
    assert plain
    assert html
    assert plain.get_content().splitlines() == ["OLÁ BOB,", "", "VEMO-NOS ÀS TRÊS."]
    assert html.get_content().strip() == "<p>OLÁ <b>BOB</b>, VEMO-NOS ÀS TRÊS.</p>"
    assert [part.get_content() for part in found.iter_attachments()] == [
        part.get_content() for part in parsed(source).iter_attachments()
    ]


def test_attachments_are_translated_on_request() -> None:
    source = message().as_bytes()
    chosen = Options(attachments=True)
    assert texts(EML, source, chosen)[-1] == "Nota final."
    composed = through(EML, source, options=chosen)
    assert [part.get_content() for part in parsed(composed.data).iter_attachments()][-1].split() == [
        "NOTA",
        "FINAL.",
    ]
    assert_untouched(EML, source, chosen)


def test_other_letters_change_the_charset_and_the_encoding() -> None:
    source = b"Subject: hello\nFrom: a@b.c\nMIME-Version: 1.0\n\nGood day.\n"
    document = read(EML, source)
    russian = "Добрый день"
    found = parsed(EML.compose(document, [Translated(russian)] * 2).data)
    assert found["Subject"] == russian
    assert found.get_content() == f"{russian}\n"
    latin = message("8bit", "iso-8859-1").as_bytes()
    many = [
        Translated(russian, unit.tags if not unit.tags else shout(unit).tags)
        for unit in read(EML, latin).units[:-1]
    ]
    found = parsed(EML.compose(read(EML, latin), [*many, None]).data)
    body = found.get_body(("plain",))
    assert body
    assert body.get_content().split() == russian.split() * 2


def test_a_subject_cannot_bring_headers_of_its_own() -> None:
    source = b"Subject: hello\nFrom: a@b.c\n\nhi there\n"
    composed = EML.compose(read(EML, source), [Translated("a\r\nBcc: evil@example.org\r\n\r\nb"), None])
    found = parsed(composed.data)
    assert found["Bcc"] is None
    assert found["Subject"] == "a Bcc: evil@example.org b"


def test_a_message_within_is_translated_too() -> None:
    outer = EmailMessage(policy=email.policy.SMTP)
    outer["From"], outer["Subject"] = "a@b.c", "Fwd: um"
    outer.set_content("veja abaixo\r\n")
    inner = EmailMessage(policy=email.policy.SMTP)
    inner["From"], inner["Subject"] = "d@e.f", "dois"
    inner.set_content("texto interior\r\n")
    outer.add_attachment(inner)
    source = outer.as_bytes()
    assert texts(EML, source) == ["Fwd: um", "dois", "veja abaixo", "texto interior"]
    assert_untouched(EML, source)
    assert b"TEXTO INTERIOR" in through(EML, source).data


def test_what_is_encrypted_is_named() -> None:
    source = b'From: a@b\nSubject: x\nContent-Type: multipart/encrypted; boundary="x"\n\n--x\n\nyy\n--x--\n'
    with pytest.raises(EncryptedDocument, match="encrypted"):
        read(EML, source)


def test_a_signature_is_said_to_be_broken() -> None:
    source = (
        b'From: a@b\nSubject: olha\nContent-Type: multipart/signed; boundary="x"\n\n--x\n\nbom dia\n--x--\n'
    )
    assert [note.code for note in read(EML, source).notes] == ["signature_broken"]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_message_comes_back(source: str) -> None:
    data = source.encode("utf-8", "surrogateescape")
    try:
        assert_untouched(EML, data)
    except EncryptedDocument:
        return
    through(EML, data)


def test_nesting_and_counts_are_limited() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300))
    with pytest.raises(DamagedDocument, match="nested"):
        read(EML, b"From: a@b\nSubject: x\n" + nested)
    many = b"From: a@b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 50
    with pytest.raises(TooLarge):
        read(EML, many, Options(limits=Limits(max_entries=20)))


@pytest.mark.parametrize(
    "unit", ["--x\n", "--x", "Subject: a\n", " a\n", "a" * 99, "=C3", "\n", "=?utf-8?q?a?= "]
)
def test_hostile_messages_take_linear_time(unit: str) -> None:
    head = "From: a@b\nSubject: x\nContent-Type: multipart/mixed; boundary=x\n"
    for between in ("", "\n"):
        source = (head + between + unit * (100_000 // len(unit))).encode()
        with linear():
            chosen = Options(limits=Limits(max_entries=1_000_000))
            assert through(EML, source, same, options=chosen).data == source

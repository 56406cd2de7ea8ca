"""Messages as mail programs write them: by the standard library, by hand, and as Outlook keeps them."""

import base64
import quopri
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from scripts import proof_texts as said
from scripts.proof_office import minutes, picture
from tests.app.documents import compound

SENT = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
BODY = "\n\n".join(said.LETTER)
HTML = "".join(f"<p>{line}</p>" for line in said.LETTER).replace("terça-feira", "<b>terça-feira</b>")


def files() -> dict[str, bytes]:
    return {
        "plain-quoted.eml": message().as_bytes(),
        "alternative-inline.eml": alternative(),
        "attachments.eml": attached(),
        "forwarded.eml": forwarded(),
        "latin-base64.eml": latin(),
        "thunderbird.eml": thunderbird(),
        "phone-flowed.eml": phone(),
        "outlook-plain.msg": outlook_plain(),
        "outlook-html.msg": outlook_html(),
        "outlook-rtf.msg": outlook_rtf(),
    }


def message(subject: str = said.SUBJECT) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"] = "Ana Sá <ana@vale.example>"
    made["To"] = "Rui Melo <rui@vale.example>, escola@vale.example"
    made["Date"] = SENT
    made["Message-ID"] = "<1@vale.example>"
    made["Subject"] = subject
    made.set_content(BODY, cte="quoted-printable")
    return made


def alternative() -> bytes:
    made = message()
    made.add_alternative(f'{HTML}<img src="cid:carrinha" alt="{said.ALT}">', subtype="html")
    shown = made.get_payload()[1]
    assert isinstance(shown, EmailMessage)
    shown.add_related(picture(), "image", "png", cid="<carrinha>")
    return bounded(made)


def attached() -> bytes:
    made = message()
    made.add_attachment("\n".join(said.LIST), filename="lista.txt")
    kind = "vnd.openxmlformats-officedocument.wordprocessingml.document"
    made.add_attachment(minutes(), "application", kind, filename="acta da reunião.docx")
    made.add_attachment(picture(), "image", "png", filename="mapa.png")
    return bounded(made)


def forwarded() -> bytes:
    made = message("Enc: " + said.SUBJECT)
    made.add_attachment(message())
    return bounded(made)


def bounded(made: EmailMessage) -> bytes:
    for number, part in enumerate(made.walk()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"----=_Part_{number}_24680")
    return made.as_bytes()


def head(content_type: str, encoding: str, *more: str) -> bytes:
    subject = base64.b64encode(said.SUBJECT.encode("latin-1")).decode()
    lines = (
        "Return-Path: <ana@vale.example>",
        "Received: from mail.vale.example (mail.vale.example [192.0.2.7])\r\n\tby mx.vale.example with ESMTPS id 4XyZ\r\n"
        "\tfor <rui@vale.example>; Mon, 12 Jan 2026 09:30:00 +0000 (UTC)",
        *more,
        "From: =?iso-8859-1?Q?Ana_S=E1?= <ana@vale.example>",
        "To: rui@vale.example",
        f"Subject: =?iso-8859-1?B?{subject}?=",
        "Date: Mon, 12 Jan 2026 09:30:00 +0000",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
        f"Content-Transfer-Encoding: {encoding}",
    )
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"


def latin() -> bytes:
    body = base64.encodebytes(BODY.replace("\n", "\r\n").encode("latin-1")).replace(b"\n", b"\r\n")
    return head('text/plain; charset="iso-8859-1"', "base64", "X-Mailer: Microsoft Outlook 16.0") + body


def thunderbird() -> bytes:
    """Eight bits, a quotation, a signature; as Thunderbird sends it."""
    quoted = "\r\n".join(f"> {line}" for line in said.LETTER[1:3])
    body = f"Olá Ana,\r\n\r\nobrigado pelo aviso. Lá estaremos.\r\n\r\nEm 11/01/2026, Ana escreveu:\r\n{quoted}\r\n\r\n-- \r\nRui Melo\r\n"
    agent = "User-Agent: Mozilla Thunderbird"
    return (
        head("text/plain; charset=UTF-8; format=flowed", "8bit", agent, "Content-Language: pt-PT")
        + body.encode()
    )


def phone() -> bytes:
    """HTML alone, as telephones send it."""
    page = f'<html><head></head><body dir="auto">{HTML}<br><div dir="ltr">Enviado do meu telemóvel</div></body></html>'
    return head(
        "text/html; charset=utf-8", "quoted-printable", "X-Mailer: iPhone Mail (22A)"
    ) + quopri.encodestring(page.encode()).replace(b"\n", b"\r\n")


PEOPLE = {"sender": ("Ana Sá", "ana@vale.example"), "to": [("Rui Melo", "rui@vale.example")], "sent": SENT}


def outlook_plain() -> bytes:
    lists = {"name": "lista.txt", "data": "\r\n".join(said.LIST).encode(), "media_type": "text/plain"}
    return compound.outlook(subject=said.SUBJECT, body=BODY, attachments=[lists], **PEOPLE)  # type: ignore[arg-type]


def outlook_html() -> bytes:
    page = f"<html><body>{HTML}</body></html>".encode("cp1252")
    return compound.outlook(subject=said.SUBJECT, body=BODY, html=page, codepage=1252, **PEOPLE)  # type: ignore[arg-type]


def outlook_rtf() -> bytes:
    """HTML within RTF, as Outlook keeps what came as HTML."""
    tags = (
        HTML.encode("cp1252").replace(b"<", b"\1{\\*\\htmltag64 <").replace(b">", b">}").replace(b"\1", b"")
    )
    escaped = b"".join(b"\\'%02x" % byte if byte > 127 else bytes([byte]) for byte in tags)
    rtf = rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}" + escaped + b"}"
    return compound.outlook(subject=said.SUBJECT, body=BODY, rtf=compound.packed(rtf), **PEOPLE)  # type: ignore[arg-type]

"""E-mail messages: subject and bodies, attachments on request. Every other header and part stays."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from pathlib import PurePosixPath
from urllib.parse import quote

from app.documents import mime
from app.documents.container import ByName, Find, Gathering, Inner, composed, inside, notes
from app.documents.encoding import UNDECODED, Source
from app.documents.format import Composed, Document, DocumentFormat, Note, Options, Translated, Unit
from app.documents.sample import Sample
from app.documents.splice import Patch, Pieces
from app.errors import DocumentError, TooLarge

_FIELD = re.compile(r"(?:From |[A-Za-z][A-Za-z0-9-]{0,60}:)")
_KNOWN = re.compile(
    r"^(From|To|Subject|Date|MIME-Version|Received|Message-ID|Return-Path|Content-Type|Delivered-To|Cc|Sender):",
    re.IGNORECASE | re.MULTILINE,
)
_BODIES = {"text/plain": "txt", "text/html": "html"}
_MARK = b"\xef\xbb\xbf"
_CHARSET = re.compile(rb"""charset\s*=\s*"?([^\s;"]+)"?""", re.IGNORECASE)
_LINE = 76


@dataclass(frozen=True, slots=True)
class _Body:
    part: mime.Part
    inner: Inner
    text: bool
    """A body in the charset that its header states; not an attachment, which is bytes."""


@dataclass(frozen=True, slots=True)
class _Mail:
    data: bytes
    subjects: tuple[tuple[int, int], ...]
    """Ranges of the subjects, which are the first units."""
    bodies: tuple[_Body, ...]


class Eml:
    name = "eml"
    title = "E-mail message"
    media_types = ("message/rfc822",)
    suffixes = (".eml",)

    def __init__(self, find: Find, by_name: ByName) -> None:
        self._find = find
        self._by_name = by_name

    def sniff(self, sample: Sample) -> float:
        start = sample.data[:16_384].decode("latin-1")
        head = re.split(r"\r?\n\r?\n", start, maxsplit=1)[0]
        known = {found[1].lower() for found in _KNOWN.finditer(head)}
        lines = [line for line in head.splitlines() if not line.startswith((" ", "\t"))]
        return 0.92 if len(known) >= 2 and all(map(_FIELD.match, lines)) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        mail = mime.read(data, options.limits)
        gathering = Gathering(options.limits)
        subjects = self._subjects(data, mail, gathering)
        bodies: list[_Body] = []
        left: list[str] = []
        found: list[Note] = []
        for part in mail.parts:
            if body := self._body(part, data, options, gathering):
                bodies.append(body)
                found += notes(body.inner, body.inner.document.notes)
            elif part.attached:
                left.append(part.filename or part.media_type)
        if left:
            found.append(Note("attachments_left", f"Not translated: {', '.join(left)}."))
        if mail.signed and gathering.units:
            found.append(
                Note("signature_broken", "The message is signed; no signature holds for a translation.")
            )
        skeleton = _Mail(data, tuple(subjects), tuple(bodies))
        return Document(self.name, tuple(gathering.units), skeleton, tuple(found))

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        skeleton: _Mail = document.skeleton
        newline = "\r\n" if b"\r\n" in skeleton.data[:16_384] else "\n"
        patches = [
            Patch(*place, _subject(translated.text, newline))
            for place, unit, translated in zip(skeleton.subjects, document.units, translations, strict=False)
            if translated is not None and translated.text != unit.text
        ]
        found: list[Note] = []
        for body in skeleton.bodies:
            form = self._by_name(body.inner.document.format)
            made = composed(body.inner, form, translations, target)
            if made is None or made.data == _shown(body, skeleton.data):
                continue
            found += notes(body.inner, [note for note in made.notes if note.code != "encoding_changed"])
            patches += _rewritten(body, skeleton.data, made.data, newline, html=form.name == "html")
            if not body.text and made.suffix not in form.suffixes:
                patches += _renamed(body.part, skeleton.data, made, newline)
        text = skeleton.data.decode("latin-1")
        data = Pieces(text, patches).between(0, len(text)).encode("latin-1")
        return Composed(data, self.media_types[0], self.suffixes[0], tuple(found))

    def _subjects(self, data: bytes, mail: mime.Mail, gathering: Gathering) -> list[tuple[int, int]]:
        places: list[tuple[int, int]] = []
        for head in mail.heads:
            place = mime.header(data, "Subject", *head)
            text = mime.words(data[slice(*place)]) if place else ""
            if place and any(map(str.isalpha, text)) and not UNDECODED.search(text):
                gathering.units.append(Unit(text, location="subject"))
                places.append(place)
        return places

    def _body(self, part: mime.Part, data: bytes, options: Options, gathering: Gathering) -> _Body | None:
        if not part.attached and part.media_type in _BODIES:
            form = self._by_name(_BODIES[part.media_type])
            shown = _MARK + _read(part, data).text.encode("utf-8", "surrogateescape")
            name = "HTML" if part.media_type == "text/html" else "text"
            return _Body(part, gathering.add(name, form.extract(shown, inside(options))), text=True)
        if not (part.attached and options.attachments):
            return None
        document = self._attachment(part, data, options)
        if document is None:
            return None
        return _Body(part, gathering.add(part.filename or "attachment", document), text=False)

    def _attachment(self, part: mime.Part, data: bytes, options: Options) -> Document | None:
        """None where it is in no format that is known, or cannot be read."""
        content = part.content(data)
        try:
            form: DocumentFormat = self._find(content, part.filename, options.limits)
            return form.extract(content, inside(options))
        except TooLarge:
            raise
        except DocumentError:
            return None


def _read(part: mime.Part, data: bytes) -> Source:
    """The body as text: in the charset stated, or in what it can be."""
    content = part.content(data)
    for charset in (part.charset, "utf-8", "windows-1252"):
        try:
            return Source(content.decode(charset), charset)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return Source(content.decode("latin-1"), "latin-1")


def _shown(body: _Body, data: bytes) -> bytes:
    """What the inner format was given."""
    if not body.text:
        return body.part.content(data)
    return _MARK + _read(body.part, data).text.encode("utf-8", "surrogateescape")


def _rewritten(body: _Body, data: bytes, made: bytes, newline: str, *, html: bool) -> list[Patch]:
    part = body.part
    if not body.text:
        return [_encoded(part, made, newline)]
    text = made.removeprefix(_MARK).decode("utf-8", "surrogateescape")
    charset = _read(part, data).encoding
    try:
        written = text.encode(charset, "xmlcharrefreplace" if html else "strict")
    except UnicodeEncodeError:
        charset, written = "utf-8", text.encode("utf-8", "surrogateescape")
    plain = part.encoding in ("", "7bit") and not written.isascii()
    changes = [_encoded(part, written, newline, quoted=plain)]
    if charset.lower() != (part.charset or "us-ascii").lower() and not written.isascii():
        changes.append(_charset(part, data, charset, newline))
    if plain:
        changes.append(_transfer(part, data, newline))
    return changes


def _renamed(part: mime.Part, data: bytes, made: Composed, newline: str) -> list[Patch]:
    """An attachment that came back in another format says so."""
    name = quote(str(PurePosixPath(part.filename or "attachment").with_suffix(made.suffix)))
    said = {
        "Content-Type": made.media_type,
        "Content-Disposition": f"attachment;{newline} filename*=utf-8''{name}",
    }
    patches: list[Patch] = []
    for header, value in said.items():
        place = mime.header(data, header, *part.head)
        patches.append(Patch(*place, value) if place else _added(part, data, f"{header}: {value}", newline))
    return patches


def _encoded(part: mime.Part, content: bytes, newline: str, *, quoted: bool = False) -> Patch:
    """The body in the transfer encoding that it had, or quoted-printable."""
    if part.encoding == "base64":
        raw = base64.encodebytes(content).decode("ascii").replace("\n", newline).removesuffix(newline)
    elif quoted or part.encoding == "quoted-printable":
        raw = binascii.b2a_qp(content, istext=True).decode("ascii")
    else:
        raw = content.decode("latin-1")
    return Patch(*part.body, raw)


def _charset(part: mime.Part, data: bytes, charset: str, newline: str) -> Patch:
    stated = mime.header(data, "Content-Type", *part.head)
    if stated is None:
        return _added(part, data, f"Content-Type: text/plain; charset={charset}", newline)
    found = _CHARSET.search(data, *stated)
    return Patch(*found.span(1), charset) if found else Patch(stated[1], stated[1], f"; charset={charset}")


def _transfer(part: mime.Part, data: bytes, newline: str) -> Patch:
    stated = mime.header(data, "Content-Transfer-Encoding", *part.head)
    if stated is not None:
        return Patch(*stated, "quoted-printable")
    return _added(part, data, "Content-Transfer-Encoding: quoted-printable", newline)


def _added(part: mime.Part, data: bytes, line: str, newline: str) -> Patch:
    del data
    end = part.head[1]
    return Patch(end, end, f"{newline}{line}" if end > part.head[0] else f"{line}{newline}")


def _subject(text: str, newline: str) -> str:
    """On one line whatever it holds, so that it cannot bring headers of its own."""
    flat = " ".join(text.split())
    charset = "us-ascii" if flat.isascii() else "utf-8"
    return Header(flat, charset, maxlinelen=_LINE, header_name="Subject").encode(linesep=newline)

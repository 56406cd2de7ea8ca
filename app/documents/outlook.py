"""Outlook messages (MS-OXMSG): properties in an OLE compound file, read into a mail message (RFC 5322)."""

import hashlib
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

import olefile

from app.documents import rtfmail
from app.documents.format import Options
from app.documents.limits import Limits
from app.documents.rtf import Rtf
from app.errors import DamagedDocument, EncryptedDocument

MAGIC = olefile.MAGIC
MARK = "__properties_version1.0".encode("utf-16-le")
"""The name of a stream that every message has, as the directory of a compound file writes it."""

_BROKEN = (OSError, ValueError, LookupError, struct.error, AttributeError, TypeError, RecursionError)
_SUBJECT, _BODY, _HTML, _RTF, _CLASS = 0x0037, 0x1000, 0x1013, 0x1009, 0x001A
_SENDER, _SENDER_ADDRESSES = 0x0C1A, (0x5D01, 0x0C1F)
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_NAME, _ADDRESSES, _KIND = 0x3001, (0x39FE, 0x3003), 0x0C15
_CODEPAGES = (0x3FDE, 0x3FFD)
_DATA, _LONG_NAME, _SHORT_NAME, _MEDIA_TYPE, _CONTENT_ID = 0x3701, 0x3707, 0x3704, 0x370E, 0x3712
_STRING, _STRING_8, _BINARY, _STORAGE, _TIME, _INTEGER = 0x001F, 0x001E, 0x0102, 0x000D, 0x0040, 0x0003
_HEADERS = {1: "To", 2: "Cc", 3: "Bcc"}
_ENCODINGS = {65001: "utf-8", 20127: "ascii", 20866: "koi8-r", 21866: "koi8-u", 50220: "iso-2022-jp", 51932: "euc-jp",
              54936: "gb18030"} | {28590 + part: f"iso8859-{part}" for part in range(1, 16)}  # fmt: skip
_WESTERN = "cp1252"
_LOCKED = "IPM.NOTE.SMIME"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TOKEN = re.compile(r"[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+-]{1,60}")
_FIRST_DAY = datetime(1601, 1, 1, tzinfo=UTC)
_BEFORE_ENTRIES = {"": 32, "message": 24}
"""Bytes before the entries of a properties stream: of the whole file, of a message within; 8 elsewhere."""


def is_message(data: bytes) -> bool:
    return data.startswith(MAGIC) and MARK in data


def as_mail(data: bytes, limits: Limits) -> bytes:
    """The same message as a mail client would have saved it; equal bytes for equal bytes.

    Raises DamagedDocument, EncryptedDocument or TooLarge.
    """
    try:
        with closing(olefile.OleFileIO(data)) as opened:
            made = _message(_Storage(_Streams(opened, limits)), limits, 1)
    except _BROKEN as error:
        raise DamagedDocument("The Outlook message is damaged: it cannot be read.") from error
    _bound(made, hashlib.sha256(data).hexdigest()[:24])
    return made.as_bytes(policy=SMTP)


class _Streams:
    """A compound file's, all read together no more than the limits allow: its chains may run into each other."""

    def __init__(self, opened: "olefile.OleFileIO", limits: Limits) -> None:
        self._opened = opened
        self._limits = limits
        self._read = 0
        self.names = frozenset(map(tuple, opened.listdir(streams=True, storages=True)))
        limits.check_entries(len(self.names))
        self._within: dict[tuple[str, ...], list[str]] = {}
        for path in sorted(self.names):
            self._within.setdefault(path[:-1], []).append(path[-1])

    def within(self, path: tuple[str, ...]) -> Sequence[str]:
        return self._within.get(path, ())

    def read(self, path: tuple[str, ...]) -> bytes:
        with self._opened.openstream(list(path)) as stream:
            content: bytes = stream.read()
        self._read += len(content)
        self._limits.check_expanded(self._read)
        return content


@dataclass(frozen=True, slots=True)
class _Storage:
    """A message, or one of its recipients or attachments."""

    streams: _Streams
    path: tuple[str, ...] = ()
    kind: str = ""

    def within(self, prefix: str, kind: str) -> "Iterator[_Storage]":
        for name in self.streams.within(self.path):
            if name.startswith(prefix):
                yield _Storage(self.streams, (*self.path, name), kind)

    def binary(self, property_id: int, kind: int = _BINARY) -> bytes | None:
        name = f"__substg1.0_{property_id:04X}{kind:04X}"
        path = (*self.path, name)
        return self.streams.read(path) if path in self.streams.names else None

    def text(self, *property_ids: int) -> str:
        """Of the first that is there; empty if none is."""
        for property_id in property_ids:
            if (wide := self.binary(property_id, _STRING)) is not None:
                return _clean(wide.decode("utf-16-le", "replace"))
            if (narrow := self.binary(property_id, _STRING_8)) is not None:
                return _clean(narrow.decode(self.encoding(), "replace"))
        return ""

    def number(self, property_id: int, kind: int = _INTEGER) -> int | None:
        path = (*self.path, "__properties_version1.0")
        if path not in self.streams.names:
            return None
        content = self.streams.read(path)
        for start in range(_BEFORE_ENTRIES.get(self.kind, 8), len(content) - 15, 16):
            found_kind, found = struct.unpack_from("<HH", content, start)
            if (found, found_kind) == (property_id, kind):
                return int(struct.unpack_from("<Q" if kind == _TIME else "<I", content, start + 8)[0])
        return None

    def encoding(self) -> str:
        number = next((found for each in _CODEPAGES if (found := self.number(each))), None)
        name = _ENCODINGS.get(number or 1252, f"cp{number}")
        try:
            "".encode(name)
        except LookupError:
            return _WESTERN
        return name


def _message(storage: _Storage, limits: Limits, depth: int) -> EmailMessage:
    limits.check_depth(depth)
    if storage.text(_CLASS).upper() == _LOCKED:
        raise EncryptedDocument("The message is encrypted. Decrypt it and send it again.")
    made = EmailMessage(policy=SMTP)
    _head(made, storage)
    plain, html = storage.text(_BODY), _html(storage)
    plain = plain or ("" if html else _rich(storage, limits))
    if plain or not html:
        made.set_content(_lines(plain), cte="quoted-printable")
    if html:
        add = made.add_alternative if plain else made.set_content
        add(_lines(html), subtype="html", cte="quoted-printable")
    for attachment in storage.within("__attach_version1.0_", "attachment"):
        _attach(made, attachment, limits, depth)
    return made


def _head(made: EmailMessage, storage: _Storage) -> None:
    sender = _address(storage.text(_SENDER), storage.text(*_SENDER_ADDRESSES))
    if sender:
        made["From"] = sender
    people: dict[str, list[str]] = {}
    for recipient in storage.within("__recip_version1.0_", "recipient"):
        header = _HEADERS.get(recipient.number(_KIND) or 1, "To")
        people.setdefault(header, []).append(_address(recipient.text(_NAME), recipient.text(*_ADDRESSES)))
    for header, found in people.items():
        made[header] = ", ".join(filter(None, found))
    made["Subject"] = _flat(storage.text(_SUBJECT))
    moment = storage.number(_SUBMITTED, _TIME) or storage.number(_DELIVERED, _TIME)
    if moment:
        made["Date"] = format_datetime(_FIRST_DAY + timedelta(microseconds=moment // 10))


def _html(storage: _Storage) -> str:
    """As it stands, or out of the RTF that Outlook packs it in; empty where there is none."""
    stored = storage.binary(_HTML)
    if stored is None:
        packed = storage.binary(_RTF)
        return "" if packed is None else _clean(rtfmail.html(rtfmail.unpacked(packed)))
    stated = storage.encoding()
    # What is UTF-8 to the byte is nothing else, whatever is stated, but for encodings in seven bits.
    for encoding in (stated, "utf-8") if stated.startswith("iso-2022") else ("utf-8", stated):
        try:
            return _clean(stored.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _clean(stored.decode(_WESTERN, "replace"))


def _rich(storage: _Storage, limits: Limits) -> str:
    """What a message says that is RTF and nothing else."""
    packed = storage.binary(_RTF)
    if packed is None:
        return ""
    read = Rtf().extract(rtfmail.unpacked(packed), Options(limits=limits))
    return "\n\n".join(unit.text for unit in read.units)


def _attach(made: EmailMessage, attachment: _Storage, limits: Limits, depth: int) -> None:
    for message in attachment.within(f"__substg1.0_{_DATA:04X}{_STORAGE:04X}", "message"):
        if (*message.path, "__properties_version1.0") in message.streams.names:
            made.add_attachment(_message(message, limits, depth + 1))
        return
    content = attachment.binary(_DATA)
    if content is None:
        return
    name = _flat(attachment.text(_LONG_NAME, _SHORT_NAME)) or "attachment"
    media_type = attachment.text(_MEDIA_TYPE).lower()
    if not _TOKEN.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
        media_type = "application/octet-stream"
    kind, _, subtype = media_type.partition("/")
    reference = "".join(attachment.text(_CONTENT_ID).split())
    made.add_attachment(
        content,
        maintype=kind,
        subtype=subtype,
        filename=name,
        disposition="inline" if reference else "attachment",
        cid=f"<{reference}>" if reference else None,
    )


def _bound(made: EmailMessage, mark: str) -> None:
    """With boundaries of its own content, so that equal messages are equal to the byte."""
    for number, part in enumerate(made.walk()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_{mark}_{number}")


def _address(name: str, address: str) -> str:
    """Exchange's own addresses (`/o=…`) say nothing outside of it."""
    name, address = _flat(name), _flat(address)
    if "@" not in address or not address.isascii() or set(address) & set(" <>,;\"'()"):
        return formataddr((name, "unknown@invalid"), "utf-8") if name else ""
    return formataddr((name, address), "utf-8")


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    return "\n".join(text.splitlines()) + "\n"

"""The parts of a mail message, each with its place in the message."""

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from app.documents.limits import Limits
from app.errors import EncryptedDocument

_BLANK = re.compile(rb"\r?\n\r?\n")
_EMPTY_HEAD = re.compile(rb"\r?\n")
_LOCKED = frozenset({"multipart/encrypted"})
_HEADER = rb"(?im)^%b:[ \t]*((?:[^\r\n]|\r?\n[ \t])*)"


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf, or a message within the message; offsets are of the whole."""

    head: tuple[int, int]
    """Its header lines, without the blank line after them."""
    body: tuple[int, int]
    media_type: str
    charset: str
    encoding: str
    """Content-Transfer-Encoding, lower case."""
    filename: str
    attached: bool

    def content(self, data: bytes) -> bytes:
        """The body decoded; broken encodings are read as far as they go."""
        message = Message()
        message["Content-Transfer-Encoding"] = self.encoding
        message.set_payload(data[slice(*self.body)].decode("latin-1"))
        read = message.get_payload(decode=True)
        return read if isinstance(read, bytes) else b""


def header(data: bytes, name: str, start: int, end: int) -> tuple[int, int] | None:
    """The range of a header's value, folded lines included."""
    found = re.compile(_HEADER % re.escape(name.encode())).search(data, start, end)
    return found.span(1) if found else None


def words(value: bytes) -> str:
    """A header's value as people read it."""
    plain = value.decode() if _is_utf8(value) else value.decode("latin-1")
    try:
        read = str(make_header(decode_header(plain)))
    except (ValueError, LookupError, MessageError):
        read = plain
    return " ".join(read.split())


@dataclass(frozen=True, slots=True)
class Mail:
    heads: tuple[tuple[int, int], ...]
    """Header ranges of the message and of the messages within it."""
    parts: tuple[Part, ...]
    signed: bool


def read(data: bytes, limits: Limits) -> Mail:
    """Raises EncryptedDocument, DamagedDocument or TooLarge."""
    heads: list[tuple[int, int]] = []
    leaves: list[Part] = []
    signed = False
    count = 0
    waiting = [(0, len(data), 1, True)]
    while waiting:
        start, end, depth, whole = waiting.pop()
        limits.check_depth(depth)
        limits.check_entries(count := count + 1)
        part, boundary = _part(data, start, end)
        signed = signed or part.media_type == "multipart/signed"
        if whole:
            heads.append(part.head)
        if part.media_type.startswith("multipart/") and boundary:
            found = _between(data, part.body, boundary)
            waiting += ((low, high, depth + 1, False) for low, high in reversed(found))
        elif part.media_type == "message/rfc822" and part.encoding in ("", "7bit", "8bit", "binary"):
            waiting.append((*part.body, depth + 1, True))
        else:
            leaves.append(part)
    return Mail(tuple(heads), tuple(leaves), signed)


def _part(data: bytes, start: int, end: int) -> tuple[Part, bytes]:
    found = _BLANK.search(data, start, end)
    leading = _EMPTY_HEAD.match(data, start, end)
    head = (start, start) if leading else (start, found.start() if found else end)
    body = (leading.end() if leading else found.end() if found else end, end)
    message = BytesHeaderParser(policy=compat32).parsebytes(data[slice(*head)])
    kind = message.get_content_type()
    if kind in _LOCKED or message.get_param("smime-type") == "enveloped-data":
        raise EncryptedDocument("The message is encrypted. Decrypt it and send it again.")
    filename = words(str(message.get_filename() or "").encode("utf-8", "surrogateescape"))
    part = Part(
        head,
        body,
        kind,
        str(message.get_content_charset() or ""),
        str(message.get("Content-Transfer-Encoding", "")).strip().lower(),
        filename,
        attached=message.get_content_disposition() == "attachment" or bool(filename),
    )
    return part, str(message.get_boundary() or "").encode("latin-1", "replace")


def _between(data: bytes, body: tuple[int, int], boundary: bytes) -> list[tuple[int, int]]:
    """The ranges between the lines of a boundary. The line break before such a line belongs to it."""
    lines = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)(?:\r?\n)?")
    found: list[tuple[int, int]] = []
    start = -1
    position = max(body[0] - 1, 0)  # the body may begin with a boundary, whose line break ended the header
    while line := lines.search(data, position, body[1]):
        if start >= 0:
            found.append((start, max(start, line.start())))
        start = -1 if line[1] else line.end()
        if line[1]:
            break
        # The line break after one boundary may be the one before the next.
        position = line.end() - 1 if line.end() > line.start() + 1 else line.end()
    if start >= 0:
        found.append((start, body[1]))  # cut short: the last part goes to the end
    return found


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True

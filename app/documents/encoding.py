"""Bytes to text and back: what was read is written with the bytes it had."""

import re
from dataclasses import dataclass

import chardet

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_LOOK = 65_536
"""Bytes shown to the detector; it takes 0.1 s for a megabyte."""
UNDECODED = re.compile("[\ud800-\udfff]")
"""Bytes that are no text in the file's encoding, and halves of surrogate pairs."""
_LEADS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Source:
    text: str
    encoding: str
    mark: bytes = b""
    """The byte order mark before the text."""

    def encode(self, text: str) -> tuple[bytes, bool]:
        """`text` in the encoding of the source; in UTF-8, and True, where that has no such characters."""
        try:
            return self.mark + text.encode(self.encoding, "surrogateescape"), False
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogateescape"), True


def decode(data: bytes, declared: str | None = None) -> Source:
    """`declared` is what the document says of itself; it is believed where it reads every byte.

    Encoding the text gives `data` again, whatever the bytes are.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark) and (found := _exact(data, encoding, mark)):
            return found
    for candidate in (declared, wide(data[:_LOOK]), "utf-8"):
        if candidate is not None and (found := _exact(data, candidate)):
            return found
    return _guessed(data)


def wide(start: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    most = 0.4 * len(start) / 2
    if odd > most and even < odd / 10:
        return "utf-16-le"
    return "utf-16-be" if even > most and odd < even / 10 else None


def _guessed(data: bytes) -> Source:
    if 2 * sum(map(len, _LEADS.findall(data))) > len(_HIGH.findall(data)):
        return Source(data.decode("utf-8", "surrogateescape"), "utf-8")  # UTF-8 with some broken bytes
    high = _HIGH.search(data)
    first = max(0, (high.start() if high else 0) - _LOOK // 2)
    guess = chardet.detect(data[first : first + _LOOK])["encoding"]
    for candidate in (guess, "windows-1252"):
        if candidate is not None and (found := _exact(data, candidate)):
            return found
    return Source(data.decode("latin-1"), "latin-1")


def _exact(data: bytes, encoding: str, mark: bytes = b"") -> Source | None:
    """None where the bytes are not in this encoding, or where it would write them otherwise."""
    body = data[len(mark) :]
    try:
        text = body.decode(encoding)
        return Source(text, encoding, mark) if text.encode(encoding) == body else None
    except (UnicodeError, LookupError):
        return None

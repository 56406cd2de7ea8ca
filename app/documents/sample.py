"""What a format looks at to say whether a file is one of its own."""

import codecs
from dataclasses import dataclass
from typing import Self

from app.documents import archive
from app.documents.encoding import BOMS, wide
from app.documents.limits import Limits

HEAD = 65_536
"""Bytes, as many as are read as text."""
_CONTROLS = bytes({*range(32)} - set(b"\t\n\r\f\x1b")) + b"\x7f"
_MOST_CONTROLS = 0.02


@dataclass(frozen=True, slots=True)
class Sample:
    data: bytes
    """All of it."""
    text: str | None
    """The beginning, without a byte order mark; None where it is not text."""
    members: tuple[str, ...] = ()
    """Names of a ZIP archive's files, in the order of its directory; none of another file's."""

    @classmethod
    def of(cls, data: bytes, limits: Limits) -> Self:
        return cls(data, head(data), archive.names(data, limits))


def head(data: bytes) -> str | None:
    """The first characters, for a look only: an unknown encoding is read as Latin letters."""
    start = data[:HEAD]
    for mark, encoding in BOMS:
        if start.startswith(mark):
            return _begin(start[len(mark) :], encoding)
    if (encoding_found := wide(start)) is not None:
        text = _begin(start, encoding_found)
        return None if _is_binary(text.encode("latin-1", "replace")) else text
    return None if _is_binary(start) else _begin(start, "utf-8")


def _is_binary(start: bytes) -> bool:
    """Text has no NUL in an encoding that is neither marked nor told by its zeros."""
    controls = sum(map(start.count, (bytes([each]) for each in _CONTROLS)))
    return b"\0" in start or controls > _MOST_CONTROLS * len(start)


def _begin(start: bytes, encoding: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return start.decode("latin-1")

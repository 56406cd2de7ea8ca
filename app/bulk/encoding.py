"""Text of any encoding, carried as UTF-8; bytes that are no text in it stay recognisable as such, and come back."""

import codecs

from app.errors import ConfigurationError

UTF_8 = "utf-8"


def codec(encoding: str) -> str:
    """Its usual name. Raises ConfigurationError."""
    try:
        found = codecs.lookup(encoding)
        "".encode(encoding)
    except LookupError as error:
        raise ConfigurationError(f"{encoding!a} is no encoding of text that is known here.") from error
    return found.name


def carried(text: str) -> bytes:
    """`text`, decoded with "surrogateescape"; where that was needed these bytes are not UTF-8."""
    return text.encode(UTF_8, "surrogatepass")


class Encoder:
    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._mark = "".encode(encoding)
        """What some encodings begin a text with."""
        self._begun = False

    def __call__(self, data: bytes) -> bytes:
        """Raises UnicodeEncodeError for a character that the encoding does not have."""
        if self._encoding == UTF_8:
            return data
        made = data.decode(UTF_8, "surrogatepass").encode(self._encoding, "surrogateescape")
        if self._begun:
            made = made.removeprefix(self._mark)
        self._begun = True
        return made

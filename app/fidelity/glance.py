"""One look at a text, shared by all its checks: most of them are told by it that they have nothing to look for there.

Bytes are sifted by one table at a time, at a tenth of what one search for a class of characters costs.
"""

import re

from app.fidelity.languages import WORD
from app.numerals import Numbered

_SPACED = bytes(ord(chr(byte).lower()) if WORD.match(chr(byte)) else 32 for byte in range(256))
"""Parts words and makes them small; no letter of Latin-1 has its small one elsewhere."""
_DIGITS = b"0123456789"
_DIGIT = re.compile(r"\d")
_LETTERS = bytes(byte for byte in range(256) if chr(byte).isalpha())
# Not "?", which stands for every character beyond Latin-1.
_ORDINARY = _LETTERS + bytes(byte for byte in range(256) if chr(byte).isspace()) + b"!\"'(),-.:;\xab\xbb"
_MARKS = bytes(byte for byte in range(256) if byte not in b".-,!?_*")


class Glance(Numbered):
    """What a text holds: looked at once for all checks, and however often it is compared. Nothing changes it."""

    __slots__ = ("_latin", "beyond", "digits", "distinct", "size", "unusual", "words")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        latin = self._latin = text.encode("latin-1", "replace")
        self.size = len(text.strip())
        unusual = self.unusual = latin.translate(None, _ORDINARY)
        """What is no letter of Western Europe, no space and no common mark; "?" for whatever is not in Latin-1."""
        self.beyond = b"?" in unusual and latin.count(b"?") != text.count("?")
        """Whether it has characters that are not in Latin-1."""
        self.digits = unusual != b"" and (
            unusual.translate(None, _DIGITS) != unusual or (self.beyond and _DIGIT.search(text) is not None)
        )
        """Whether it has a figure of any script."""
        self.words: list[str] = (
            WORD.findall(text.lower()) if self.beyond else latin.translate(_SPACED).decode("latin-1").split()
        )
        """As WORD finds them, in small letters."""
        self.distinct = set(self.words)

    @property
    def marks(self) -> int:
        """How many marks it has of which people make rows, at most."""
        return len(self._latin.translate(None, _MARKS))


Pair = tuple[Glance, Glance]
"""Source and translation."""


def unusual(text: str) -> bytes:
    """What is no letter of Western Europe, no space and no common mark; "?" for whatever is not in Latin-1."""
    return text.encode("latin-1", "replace").translate(None, _ORDINARY)

"""The pieces of HTML and XML, each with its place in the source, in linear time.

The standard library's HTMLParser takes the square of the length for unclosed quotes and comments (17 s for 64 KB,
Python 3.11.7), and tells no absolute offsets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    TEXT = "text"
    START = "start"
    END = "end"
    OTHER = "other"
    """Comments, declarations, processing instructions, CDATA marks: nothing that a reader sees."""
    CDATA = "cdata"
    """XML only. Its text lies within `<![CDATA[` and `]]>`."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    start: int
    end: int
    name: str = ""
    """Of an element; lower case in HTML."""
    closed: bool = False
    """Written as `<name/>`."""


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    start: int
    end: int
    """The range of its value, without quotes."""
    quote: str
    """Empty where it has none."""


CDATA_OPEN, CDATA_CLOSE = "<![CDATA[", "]]>"
_READABLE = ("title", "textarea")
_CLOSINGS = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "xmp", "iframe", "noembed", "noframes", *_READABLE)
}
"""HTML elements in which `<` opens nothing but their own end."""
_NAME = r"[A-Za-z_:\u0080-\U0010ffff][^\s/<>\x00]*"
_START = re.compile(f"<({_NAME})")
_END = re.compile(f"</({_NAME})")
_STOP = re.compile(r""">|=\s*["']""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")


def attributes(text: str, tag: Token) -> Iterator[Attribute]:
    """Those with a value."""
    for found in _ATTRIBUTE.finditer(text, tag.start + 1 + len(tag.name), tag.end - 1):
        if found.lastindex and found.lastindex > 1:
            start, end = found.span(found.lastindex)
            quote = text[start - 1] if found.lastindex < 4 else ""
            yield Attribute(found[1], start, end, quote)


class Lines:
    """Numbers of lines from 1, of offsets asked for in about their order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._counted = 1, 0

    def of(self, offset: int) -> int:
        if offset > self._counted:
            self._line += self._text.count("\n", self._counted, offset)
            self._counted = offset
        return self._line


class Scanner:
    def __init__(self, text: str, *, xml: bool = False, start: int = 0, end: int | None = None) -> None:
        self._text = text if end is None else text[:end]
        self._start = start
        self._xml = xml
        self._sloppy = False
        self._missing: set[str] = set()
        """Closing marks that do not come any more: looked for once."""

    def tokens(self) -> Iterator[Token]:
        """Without gaps, in order."""
        text, position, begun = self._text, self._start, self._start
        while (opening := text.find("<", position)) >= 0:
            token = self._token(opening)
            if token is None:
                position = opening + 1
                continue
            if opening > begun:
                yield Token(Kind.TEXT, begun, opening)
            yield token
            position = begun = token.end
            if not self._xml and token.kind is Kind.START and token.name in _CLOSINGS:
                raw = self._raw(token)
                if raw and raw.end > raw.start:
                    yield raw
                    position = begun = raw.end
        if begun < len(text):
            yield Token(Kind.TEXT, begun, len(text))

    def _token(self, start: int) -> Token | None:
        text = self._text
        after = text[start + 1 : start + 2]
        if after == "!":
            return self._declaration(start)
        if after == "?":
            end = self._after("?>" if self._xml else ">", start + 2)
            return Token(Kind.OTHER, start, end) if end else None
        if after == "/":
            return self._end_tag(start)
        return self._start_tag(start)

    def _declaration(self, start: int) -> Token | None:
        if self._text.startswith("<!--", start):
            end = self._after("-->", start + 4)
        elif self._xml and self._text.startswith(CDATA_OPEN, start):
            end = self._after(CDATA_CLOSE, start + len(CDATA_OPEN))
            return Token(Kind.CDATA, start, end) if end else None
        else:
            end = self._after(">", start + 2)
        # A comment that is never closed hides the rest, as in a browser.
        return Token(Kind.OTHER, start, end or len(self._text))

    def _end_tag(self, start: int) -> Token | None:
        found = _END.match(self._text, start)
        end = self._after(">", start + 2) if found else None
        return Token(Kind.END, start, end, self._case(found[1])) if found and end else None

    def _start_tag(self, start: int) -> Token | None:
        found = _START.match(self._text, start)
        end = self._tag_end(found.end()) if found else None
        if not found or not end:
            return None
        return Token(Kind.START, start, end, self._case(found[1]), closed=self._text[end - 2] == "/")

    def _tag_end(self, position: int) -> int | None:
        """After the `>` that is in no quotes, or after the next one where quotes do not add up."""
        start = position
        while not self._sloppy and (stop := _STOP.search(self._text, position)):
            if stop[0] == ">":
                return stop.end()
            position = self._after(stop[0][-1], stop.end()) or stop.end()
        self._sloppy = True
        return self._after(">", start)

    def _raw(self, opened: Token) -> Token | None:
        """What lies between `opened` and its end; None where it is never closed."""
        if opened.name in self._missing:
            return None
        end = _CLOSINGS[opened.name].search(self._text, opened.end)
        if not end:
            self._missing.add(opened.name)
            return None
        kind = Kind.TEXT if opened.name in _READABLE else Kind.OTHER
        return Token(kind, opened.end, end.start())

    def _case(self, name: str) -> str:
        return name if self._xml else name.lower()

    def _after(self, closing: str, start: int) -> int | None:
        if closing in self._missing:
            return None
        found = self._text.find(closing, start)
        if found < 0:
            self._missing.add(closing)
            return None
        return found + len(closing)

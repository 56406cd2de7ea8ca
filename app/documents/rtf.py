"""Rich Text Format, edited in place: paragraphs, cells, headers, footnotes, text boxes and links."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from app.documents import flow
from app.documents.encoding import Source
from app.documents.flow import Part, PartKind
from app.documents.format import Composed, Document, Options, Translated
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, Template, fill
from app.errors import DamagedDocument

_TOKEN = re.compile(
    r"(?P<hex>(?:\\'[0-9a-fA-F]{2})+)|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<symbol>[^a-zA-Z])"
    r"|(?P<brace>[{}])|(?P<line>[\r\n]+)|(?P<text>[^\\{}\r\n]+)|(?P<end>\\)",
    re.DOTALL,
)
_BREAKS = frozenset(
    {"par", "cell", "row", "sect", "page", "column", "nestcell", "nestrow", "pagebb", "trowd"}
)
_SKIPPED = frozenset(
    {
        *(
            "fonttbl",
            "colortbl",
            "stylesheet",
            "info",
            "pict",
            "objdata",
            "listtext",
            "pntext",
            "sp",
            "xe",
            "tc",
        ),
        *(
            "nonshppict",
            "themedata",
            "datafield",
            "filetbl",
            "revtbl",
            "fldinst",
            "bkmkstart",
            "bkmkend",
            "rxe",
        ),
        *("listtable", "listoverridetable", "generator", "object"),
    }
)
_APART = frozenset(
    {
        *("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "footnote"),
        *("annotation", "shptxt", "ftnsep"),
    }
)
"""Groups with paragraphs of their own."""
_SHOWN = frozenset({"shpinst", "shptxt", "shprslt", "footnote", "annotation"})
"""Read although they are marked as destinations that may be unknown."""
_LETTERS = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",  # noqa: RUF001
    "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "zwj": "\u200d", "zwnj": "\u200c",
}  # fmt: skip
_SYMBOLS = {"~": "\xa0", "_": "\u2011", "\\": "\\", "{": "{", "}": "}"}
_ESCAPED = {"\\": "\\\\", "{": "\\{", "}": "\\}", "\n": "\\line ", "\t": "\\tab ", "\xa0": "\\~"}
_TOGGLES = {"b": "b", "i": "i", "ul": "ul", "ulnone": "ul", "strike": "strike", "super": "super", "sub": "sub",
            "nosupersub": "super"}  # fmt: skip
_TOGGLED = frozenset(_TOGGLES.values())
_OFF = frozenset({"ulnone", "nosupersub"})
_CHARSETS = {0: 1252, 77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255,
             178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250}  # fmt: skip
_FONT = re.compile(r"\\f(\d{1,5})(?!\d)[^{};]{0,200}?\\fcharset(\d{1,3})")
_LONGEST_TABLE = 100_000
_VARYING = re.compile(r"\\uc(?!1(?!\d))\d")
_OPEN_WORD = re.compile(r"\\[a-zA-Z]{1,32}(?:-?\d{1,10})?$")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class _Group:
    skipped: bool = False
    apart: bool = False
    codepage: int = 1252
    fallback: int = 1
    """Characters after a Unicode character for programs that do not know it."""
    start: int = 0
    fresh: bool = True
    """Nothing but control words in it so far."""
    starred: bool = False


@dataclass(slots=True)
class _Paragraphs:
    """What is read into units: the text, or what stands apart from it."""

    parts: list[Part] = field(default_factory=list)


class Rtf:
    name = "rtf"
    title = "Rich Text Format"
    media_types = ("application/rtf", "text/rtf")
    suffixes = (".rtf",)

    def sniff(self, sample: Sample) -> float:
        return 1.0 if sample.data.startswith(b"{\\rtf") else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(Source(data.decode("latin-1"), "latin-1"), options.limits)
        _Reader(builder, options).read()
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        template: Template = document.skeleton
        text = fill(template, document.units, translations, write=_write)
        return Composed(text.encode("latin-1"), self.media_types[0], self.suffixes[0])


def _write(text: str, place: Place) -> str:
    varying, tight = place.form
    return tight + "".join(_written(character, varying) for character in text)


def _written(character: str, varying: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-le", "surrogatepass")
    numbers = [int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2)]
    coded = "".join(f"\\u{number}?" for number in numbers)
    return f"{{\\uc1{coded}}}" if varying else coded


class _Reader:
    def __init__(self, builder: Builder, options: Options) -> None:
        self._builder = builder
        self._text = builder.source.text
        self._limits = options.limits
        self._groups: list[_Group] = []
        self._apart = [_Paragraphs()]
        self._fonts: dict[int, int] = {}
        self._default = 1252
        self._paragraph = 0
        self._varying = "{}" if _VARYING.search(self._text) else ""
        """Where fallbacks have several lengths, a character brings its own."""
        self._drop = 0
        """Characters still to be passed over, as fallback of one that was read."""

    def read(self) -> None:
        position = 0
        while position < len(self._text):
            found = _TOKEN.match(self._text, position)
            if not found:
                break
            position = self._take(found)
            if not self._groups:
                break
        if self._groups or position == 0:
            raise DamagedDocument("The RTF document ends too early.")

    def _take(self, found: re.Match[str]) -> int:
        kind = found.lastgroup
        end = found.end()
        if kind == "brace":
            self._drop = 0
            self._open(found.start()) if found[0] == "{" else self._close(end)
        elif not self._groups:
            raise DamagedDocument("The RTF document does not begin with a group.")
        elif kind in ("word", "number"):
            return self._word(found)
        elif self._groups[-1].skipped or kind in ("line", "end"):
            return end
        elif kind == "symbol":
            self._symbol(found)
        else:
            self._letters(found)
        return end

    def _open(self, start: int) -> None:
        above = self._groups[-1] if self._groups else _Group()
        self._groups.append(replace(above, start=start, apart=False, fresh=True, starred=False))
        self._limits.check_depth(len(self._groups))
        if not above.skipped:
            self._say(Part(PartKind.OPEN, start, start + 1, name="group"))

    def _close(self, end: int) -> None:
        if not self._groups:
            raise DamagedDocument("The RTF document closes a group that it never opened.")
        group = self._groups.pop()
        above = self._groups[-1] if self._groups else _Group()
        if group.apart:
            self._flush()
            self._apart.pop()
            self._say(Part(PartKind.POINT, group.start, end, name="apart"))
        elif group.skipped and not above.skipped:
            self._say(Part(PartKind.POINT, group.start, end))
        elif not group.skipped:
            self._say(Part(PartKind.CLOSE, end - 1, end, name="group"))
        if not self._groups:
            self._flush()

    def _word(self, found: re.Match[str]) -> int:
        word, number = found["word"], found["number"]
        group = self._groups[-1]
        value = int(number) if number else 1
        self._drop = 0
        end = found.end()
        if word == "bin":
            return end + max(0, value if number else 0)
        # Text that was deleted while changes were tracked is still there, and is no text.
        gone = word == "deleted" and number != "0"
        if group.fresh and (gone or word in _SKIPPED or (group.starred and word not in _SHOWN)):
            if not group.skipped:
                self._forget(group)
                self._groups[-1] = group = replace(group, skipped=True)
            if word == "fonttbl" and not self._fonts:
                self._read_fonts(end)
        if group.skipped:
            return end
        # The star is the first word's: what comes after it is no destination.
        self._groups[-1] = group = replace(group, starred=False)
        if group.fresh and word in _APART:
            self._forget(group)
            self._groups[-1] = replace(group, apart=True, fresh=False)
            self._apart.append(_Paragraphs())
            return end
        self._control(found, word, value, off=number == "0" or word in _OFF)
        return end

    def _control(self, found: re.Match[str], word: str, value: int, *, off: bool) -> None:
        start, end = found.span()
        group = self._groups[-1]
        if word in _BREAKS:
            self._flush()
        elif word in ("line", "tab", "lbr"):
            self._say(Part(PartKind.KEPT, start, end, "\t" if word == "tab" else "\n", word))
        elif word in _LETTERS:
            self._say(Part(PartKind.TEXT, start, end, _LETTERS[word]))
        elif word == "u":
            self._say(Part(PartKind.TEXT, start, end, chr(value % 65_536)))
            self._drop = group.fallback
        elif word in _TOGGLES:
            kind = PartKind.CLOSE if off else PartKind.OPEN
            self._say(Part(kind, start, end, name=_TOGGLES[word]))
        else:
            self._groups[-1] = self._changed(group, word, value)
            self._say(Part(PartKind.POINT, start, end))

    def _changed(self, group: _Group, word: str, value: int) -> _Group:
        if word == "ansicpg":
            self._default = value
            return replace(group, codepage=value)
        if word == "uc":
            return replace(group, fallback=max(0, min(value, 16)))
        if word == "plain":
            return replace(group, codepage=self._default)
        if word == "f":
            return replace(group, codepage=self._fonts.get(value, self._default))
        return group

    def _symbol(self, found: re.Match[str]) -> None:
        symbol = found["symbol"]
        if symbol == "*" and found.start() == self._groups[-1].start + 1:
            self._groups[-1] = replace(self._groups[-1], starred=True)
        elif symbol in "\r\n":
            self._flush()
        elif self._drop:
            self._drop -= 1
            self._extend(found.end())
        elif symbol in _SYMBOLS:
            self._say(Part(PartKind.TEXT, *found.span(), _SYMBOLS[symbol]))
        else:
            self._say(Part(PartKind.POINT, *found.span()))

    def _letters(self, found: re.Match[str]) -> None:
        """Plain characters, or bytes in hexadecimal, after those that stand in for what was read already."""
        start, end = found.span()
        width = 4 if found["hex"] else 1
        dropped = min(self._drop, (end - start) // width)
        self._drop -= dropped
        if dropped:
            start += dropped * width
            self._extend(start)
        if start == end:
            return
        raw = self._text[start:end]
        data = bytes.fromhex(raw.replace("\\'", "")) if found["hex"] else raw.encode("latin-1")
        self._say(Part(PartKind.TEXT, start, end, _decoded(data, self._groups[-1].codepage)))

    def _say(self, part: Part) -> None:
        parts = self._apart[-1].parts
        if part.kind in (PartKind.TEXT, PartKind.KEPT) and self._groups:
            self._groups[-1] = replace(self._groups[-1], fresh=False)
        last = parts[-1] if parts else None
        begins = (
            last is not None
            and last.kind is PartKind.OPEN
            and last.end == part.start
            and last.name == "group"
        )
        if last and begins and ((part.kind is PartKind.POINT and not part.name) or part.name in _TOGGLED):
            parts[-1] = replace(last, end=part.end)  # what a group begins with is how it looks
        else:
            parts.append(part)

    def _extend(self, end: int) -> None:
        parts = self._apart[-1].parts
        if parts and parts[-1].kind is PartKind.TEXT:
            parts[-1] = replace(parts[-1], end=end)

    def _forget(self, group: _Group) -> None:
        """The group is not part of the text: nothing of it has been read but its brace and control words."""
        parts = self._apart[-1].parts
        while parts and parts[-1].start >= group.start:
            parts.pop()

    def _flush(self) -> None:
        here = self._apart[-1]
        parts, here.parts = here.parts, []
        if not any(part.kind is PartKind.TEXT and not part.blank for part in parts):
            return
        self._paragraph += 1
        made = flow.unit(_merged(parts), location=f"paragraph {self._paragraph}", collapse=False)
        if made:
            place, unit = made
            self._builder.add(replace(place, form=(self._varying, self._tight(place))), unit)

    def _tight(self, place: Place) -> str:
        """What keeps text from running into a control word that was not followed by a space."""
        ends = [
            place.start,
            *(span[1] for mark in place.marks for span in (mark.opening, mark.closing) if span),
        ]
        return "{}" if any(_OPEN_WORD.search(self._text[max(0, end - 45) : end]) for end in ends) else ""

    def _read_fonts(self, start: int) -> None:
        self._fonts[-1] = self._default  # read once, even if it is empty
        end = self._text.find("}}", start, start + _LONGEST_TABLE)
        for found in _FONT.finditer(self._text, start, end if end >= 0 else start + _LONGEST_TABLE):
            self._fonts[int(found[1])] = _CHARSETS.get(int(found[2]), self._default)


def _decoded(data: bytes, codepage: int) -> str:
    try:
        return data.decode(f"cp{codepage}")
    except (LookupError, UnicodeDecodeError):
        return (
            data.decode("utf-8")
            if codepage == 65_001 and data.isascii()
            else data.decode("cp1252", "surrogateescape")
        )


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Texts side by side as one: halves of a character may have been written one by one."""
    merged: list[Part] = []
    for is_text, group in groupby(parts, key=lambda part: part.kind is PartKind.TEXT):
        run = list(group)
        if is_text:
            text = _PAIR.sub(_whole, "".join(part.text for part in run))
            run = [Part(PartKind.TEXT, run[0].start, run[-1].end, text)]
        merged += run
    return merged


def _whole(halves: re.Match[str]) -> str:
    return halves[0].encode("utf-16", "surrogatepass").decode("utf-16")

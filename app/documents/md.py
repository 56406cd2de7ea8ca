"""Markdown (CommonMark with tables and strike-through): prose; code, addresses and front matter stay as they are.

markdown-it-py says which lines hold which block and what is inline in it, but no offsets: its inline tokens are
found again in the source one after the other. A block where that fails is left as it stands, and said so.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from app.documents import flow, html
from app.documents.encoding import decode
from app.documents.flow import Part, PartKind
from app.documents.format import Composed, Document, Note, Options, Translated, Unit
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, fill
from app.documents.written import composed

_SIGNS = tuple(
    re.compile(sign, re.MULTILINE)
    for sign in (
        r"^#{1,6} \S",
        r"^(?:```|~~~)",
        r"\]\([^\s()]{1,999}\)",
        r"^ {0,3}[-*+] \S",
        r"\*\*\S|__\S",
        r"^ {0,3}\|? ?:?-{3,}:? ?\|",
        r"^(?:={3,}|-{3,})[ \t]*$",
        r"^> \S",
    )
)
_FRONT = re.compile(r"---[ \t]*\r?\n(?:(?!---|\.\.\.)[^\r\n]*\r?\n){0,200}(?:---|\.\.\.)[ \t]*(?:\r?\n|$)")
_NEWLINE = re.compile(r"\r\n?|\n")
_SOFT = re.compile(r"[ \t]*\n[ \t]*")
_HARD = re.compile(r"(?: {2,}|\\)\n[ \t]*")
_SPACE = re.compile(r"[ \t\n]*")
_HTML_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)")
_PLAIN = re.compile(r"[^\\`*_\[\]<&~]*")
_SPECIAL = re.compile(
    r"[\\`\[\]|]|\*(?=\S)|(?<=\S)\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|~(?=~)|<(?=[A-Za-z/!?])|&(?=#?\w{1,31};)"
)
_BLOCK_START = re.compile(r"(?:#{1,6}|[-+*>]|(\d{1,9})([.)]))(?=\s|$)")
_PAIRS = ("em_open", "strong_open", "s_open"), ("em_close", "strong_close", "s_close")
_LONGEST = 200_000
"""Characters of a paragraph whose inline markup is looked for."""


class _Lost(Exception):
    """An inline token was not found where it should be."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A block's inline content, and where each of its lines stands in the source."""

    content: str
    lines: tuple[tuple[int, int], ...]
    """Offset in the content, offset in the source."""

    def source(self, offset: int) -> int:
        start, at = self.lines[bisect_right(self.lines, offset, key=itemgetter(0)) - 1]
        return at + offset - start


class Markdown:
    name = "md"
    title = "Markdown"
    media_types = ("text/markdown", "text/x-markdown")
    suffixes = (".md", ".markdown", ".mdown", ".mkd")

    def sniff(self, sample: Sample) -> float:
        if sample.text is None:
            return 0.0
        return min(0.17 + 0.13 * sum(bool(sign.search(sample.text)) for sign in _SIGNS), 0.58)

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(decode(data), options.limits)
        reader = _Reader(builder)
        reader.read()
        notes = []
        if reader.lost:
            message = (
                f"{reader.lost} blocks could not be followed through their markup and were left as they are."
            )
            notes.append(Note("markup_left", message))
        return builder.document(self.name, notes=notes)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        template = document.skeleton
        text = fill(template, document.units, translations, write=_writer(html.writer(template)), lay=_lay)
        return composed(self, template.source, text)


def _writer(write_html: Callable[[str, Place], str]) -> Callable[[str, Place], str]:
    def write(text: str, place: Place) -> str:
        if place.form[0] not in ("markdown", "alt"):
            return write_html(text, place)
        text = _SPECIAL.sub(r"\\\g<0>", " ".join(text.splitlines()) if "\n" in text else text)
        if place.form[-1] != "table":
            text = text.replace("\\|", "|")
        return text

    return write


def _lay(text: str, place: Place) -> str:
    """What begins like a heading or a list would become one."""
    start = _BLOCK_START.match(text) if place.form[0] == "markdown" else None
    if not start:
        return text
    at = start.start(2) if start[1] else start.start()
    return f"{text[:at]}\\{text[at:]}"


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._text = builder.source.text
        self._starts = [0, *(found.end() for found in _NEWLINE.finditer(self._text)), len(self._text)]
        self._parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
        self._cursor = 0
        self.lost = 0

    def read(self) -> None:
        front = _FRONT.match(self._text)
        hidden = len(_NEWLINE.findall(front[0])) if front else 0
        shown = "\n" * hidden + self._text[front.end() if front else 0 :]
        env: dict[str, object] = {}
        in_table = False
        for token in self._parser.parse(shown, env):
            in_table = token.type == "table_open" or (in_table and token.type != "table_close")
            if token.type == "inline" and token.map:
                self._inline(token, env, "table" if in_table else "")
            elif token.type == "html_block" and token.map and token.level == 0:
                html.walk(self._builder, self._starts[token.map[0]], self._starts[token.map[1]])

    def _inline(self, token: Token, env: dict[str, object], where: str) -> None:
        first, last = token.map or (0, 0)
        block = self._located(token.content, first, last)
        if block is None or len(token.content) > _LONGEST:
            self.lost += any(map(str.isalpha, token.content))
            return
        try:
            parts = list(_Inline(block, env, self._parser, self._builder, where).parts(token.children or []))
        except _Lost:
            self.lost += 1
            return
        made = flow.unit(parts, location=f"line {first + 1}", form=("markdown", where))
        if made:
            self._builder.add(*made)

    def _located(self, content: str, first: int, last: int) -> _Block | None:
        found: list[tuple[int, int]] = []
        offset = 0
        for number, line in enumerate(content.split("\n")):
            if first + number >= last:
                return None
            start, end = self._starts[first + number], self._starts[first + number + 1]
            at = self._text.find(line, max(start, self._cursor), end)
            if at < 0:
                return None
            found.append((offset, at))
            offset += len(line) + 1
            self._cursor = at + len(line)
        return _Block(content, tuple(found))


class _Inline:
    """The parts of one block, by following the parser's tokens through its content."""

    def __init__(
        self, block: _Block, env: dict[str, object], parser: MarkdownIt, builder: Builder, where: str
    ) -> None:
        self._block = block
        self._content = block.content
        self._references = env.get("references", {})
        self._parser = parser
        self._builder = builder
        self._where = where
        self._at = 0

    def parts(self, tokens: Sequence[Token]) -> Iterator[Part]:
        waiting = iter(tokens)
        opened: list[int] = []
        for token in waiting:
            if token.type == "link_open" and token.markup == "autolink":
                next(waiting), next(waiting)
                end = self._content.find(">", self._at) + 1
                yield self._part(PartKind.KEPT, end, self._content[self._at + 1 : end - 1])
            elif token.type == "link_open":
                opened.append(self._at)
                yield self._part(PartKind.OPEN, self._past("["), name="a")
            elif token.type == "link_close":
                yield self._link_close(opened.pop())
            else:
                yield self._leaf(token)

    def _link_close(self, opening: int) -> Part:
        """`[text]` and `[text][]` name what they lead to: once the text is another, `[text]` has to follow it."""
        closing = self._at
        end = self._link_end(closing)
        if self._content[closing + 1 : end] in ("", "[]"):
            tail = (self._block.source(opening), self._block.source(closing + 1))
            self._at = end
            at = self._block.source(closing)
            return Part(PartKind.CLOSE, at, at + 1, name="a", tail=tail)
        return self._part(PartKind.CLOSE, end, name="a")

    def _leaf(self, token: Token) -> Part:
        kind, end, text, name = self._read(token)
        return self._part(kind, end, text, name=name)

    def _read(self, token: Token) -> tuple[PartKind, int, str, str]:
        """What the token is, where it ends, what it reads as, what it is called."""
        kind = token.type
        if kind in ("text", "text_special"):
            return PartKind.TEXT, self._past(token.markup or token.content), token.content, ""
        if kind == "softbreak":
            return PartKind.TEXT, self._matched(_SOFT), " ", ""
        if kind == "hardbreak":
            return PartKind.KEPT, self._matched(_HARD), "\n", "br"
        if kind == "code_inline":
            return PartKind.KEPT, self._code_end(token.markup), token.content, "code"
        if kind == "image":
            return PartKind.POINT, self._image_end(), "", "img"
        return self._markup(token)

    def _markup(self, token: Token) -> tuple[PartKind, int, str, str]:
        opening, closing = _PAIRS
        if token.type == "html_inline":
            return self._html(token.content)
        if token.type in opening:
            return PartKind.OPEN, self._past(token.markup), "", token.tag
        if token.type in closing:
            return PartKind.CLOSE, self._past(token.markup), "", token.tag
        raise _Lost

    def _part(self, kind: PartKind, end: int, text: str = "", *, name: str = "") -> Part:
        start, self._at = self._at, end
        return Part(kind, self._block.source(start), self._block.source(end), text, name)

    def _past(self, literal: str) -> int:
        if not self._content.startswith(literal, self._at):
            raise _Lost
        return self._at + len(literal)

    def _matched(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._content, self._at)
        if not found:
            raise _Lost
        return found.end()

    def _code_end(self, markup: str) -> int:
        start = self._past(markup)
        found = re.compile(rf"(?<!`){markup}(?!`)").search(self._content, start)
        if not found:
            raise _Lost
        return found.end()

    def _link_end(self, closing: int) -> int:
        """After the address, title or reference that follows the `]` at `closing`."""
        content, helpers = self._content, self._parser.helpers
        if not content.startswith("]", closing):
            raise _Lost
        after = closing + 1
        if content.startswith("(", after):
            end = self._blank(after + 1)
            address = helpers.parseLinkDestination(content, end, len(content))
            end = self._blank(address.pos) if address.ok else end
            title = helpers.parseLinkTitle(content, end, len(content))
            end = self._blank(title.pos) if title.ok else end
            if content.startswith(")", end):
                return end + 1
        if content.startswith("[", after):
            end = content.find("]", after)
            label = content[after + 1 : end]
            if end >= 0 and (not label or normalizeReference(label) in self._references):  # type: ignore[operator]
                return end + 1
        return after

    def _blank(self, at: int) -> int:
        found = _SPACE.match(self._content, at)
        return found.end() if found else at

    def _image_end(self) -> int:
        start = self._past("![")
        closing = _label_end(self._content, start)
        alternative = self._content[start:closing]
        if _PLAIN.fullmatch(alternative) and "\n" not in alternative:
            at = self._block.source(start)
            place = Place(at, at + len(alternative), form=("alt", self._where))
            self._builder.add(place, Unit(alternative, location="text of an image"))
        return self._link_end(closing)

    def _html(self, content: str) -> tuple[PartKind, int, str, str]:
        end = self._past(content)
        tag = _HTML_TAG.match(content)
        name = tag[2].lower() if tag else ""
        if name == "br":
            return PartKind.KEPT, end, "\n", name
        if not tag or content.endswith("/>") or name in html.VOID:
            return PartKind.POINT, end, "", name
        return PartKind.CLOSE if tag[1] else PartKind.OPEN, end, "", f"<{name}>"


def _label_end(content: str, start: int) -> int:
    depth = 1
    for found in re.compile(r"\\.|[\[\]]", re.DOTALL).finditer(content, start):
        depth += {"[": 1, "]": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    raise _Lost

"""HTML, whole pages and pieces: text, titles and the attributes that people read or hear."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from html import unescape

from app.documents import flow
from app.documents.encoding import decode
from app.documents.flow import Part, PartKind
from app.documents.format import Composed, Document, Options, Translated, Unit
from app.documents.markup import Attribute, Kind, Lines, Scanner, Token, attributes
from app.documents.sample import Sample
from app.documents.splice import Builder, Patch, Place, Template, fill
from app.documents.written import composed, fitting

VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"),
        *("track", "wbr"),
    }
)
_INLINE = frozenset(
    {
        *(
            "a",
            "abbr",
            "acronym",
            "b",
            "bdi",
            "bdo",
            "big",
            "cite",
            "code",
            "data",
            "del",
            "dfn",
            "em",
            "font",
        ),
        *("i", "img", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span"),
        *("strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "br", "script", "style", "math"),
        *("input", "nobr", "svg"),
    }
)
_CODE = frozenset({"code", "kbd", "samp", "tt", "var"})
_SKIPPED = frozenset({"math"})
_UNCLOSED = frozenset(
    {"p", "li", "dt", "dd", "tr", "td", "th", "option", "optgroup", "rt", "rp", "thead", "tbody", "tfoot"}
)
"""Elements whose end may be left out: the next of the same name ends them."""
_READ = frozenset(
    {"title", "alt", "placeholder", "aria-label", "aria-description", "aria-placeholder"}
    | {"aria-roledescription", "aria-valuetext", "summary"}
)
_LABELLED = frozenset({"option", "optgroup", "track"})
_BUTTONS = frozenset({"submit", "button", "reset"})
_DESCRIPTIONS = frozenset(
    {
        *("description", "og:title", "og:description", "og:image:alt", "og:site_name"),
        *("twitter:title", "twitter:description", "twitter:image:alt"),
    }
)
_PAGE = frozenset({"html", "head", "body"})
_LEADING = 8_192
_PIECE = re.compile(
    r"<(?:p|div|span|h[1-6]|ul|ol|li|table|tr|td|a|b|i|em|strong|br|img|article|section|header|footer|main|nav|title"
    r"|meta|form|blockquote|pre)\b[^<>]*>",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    language: str | None
    preformatted: bool


class Html:
    name = "html"
    title = "HTML page"
    media_types = ("text/html", "application/xhtml+xml")
    suffixes = (".html", ".htm", ".xhtml")

    def sniff(self, sample: Sample) -> float:
        if sample.text is None:
            return 0.0
        if _is_page(sample.text[:_LEADING]):
            return 0.95
        if _PIECE.match(sample.text.lstrip()):
            return 0.6
        return 0.2 if _PIECE.search(sample.text) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(decode(data, declared_charset(data)), options.limits)
        walk(builder, 0, len(builder.source.text), kept=frozenset(map(str.lower, options.kept)))
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        template: Template = document.skeleton
        stated = language_patches(template.source.text, target) if target and any(translations) else ()
        text = fill(template, document.units, translations, write=writer(template), more=stated)
        return composed(self, template.source, text)


def declared_charset(data: bytes) -> str | None:
    found = _CHARSET.search(data[:4096])
    return found[1].decode("ascii") if found else None


def walk(builder: Builder, start: int, end: int, *, kept: Collection[str] = ()) -> None:
    """Adds what a reader sees between two offsets of the builder's text, which is HTML."""
    walker = _Walker(builder, kept)
    for token in Scanner(builder.source.text, start=start, end=end).tokens():
        walker.take(token)
    walker.finish()


def writer(template: Template) -> Callable[[str, Place], str]:
    fit = fitting(template.source, lambda character: f"&#{ord(character)};")

    def write(text: str, place: Place) -> str:
        escaped = (
            text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")
        )
        match place.form:
            case ("attribute", "'"):
                escaped = escaped.replace("'", "&#39;")
            case ("attribute", '"'):
                escaped = escaped.replace('"', "&quot;")
            case ("attribute", _):
                escaped = '"' + escaped.replace('"', "&quot;") + '"'
        return fit(escaped)

    return write


class _Walker:
    def __init__(self, builder: Builder, kept_names: Collection[str]) -> None:
        self._builder = builder
        self._kept_names = kept_names
        self._text = builder.source.text
        self._parts: list[Part] = []
        self._open: list[_Open] = []
        self._names: Counter[str] = Counter()
        self._kept: _Kept | None = None
        self._lines = Lines(self._text)

    def take(self, token: Token) -> None:
        if self._kept is not None and self._keep(token, self._kept):
            return
        match token.kind:
            case Kind.TEXT:
                self._say(token)
            case Kind.START:
                self._start(token)
            case Kind.END:
                self._end(token)
            case _:
                self._parts.append(Part(PartKind.POINT, token.start, token.end))

    def finish(self) -> None:
        if self._kept is not None and self._kept.inline:
            self._close_kept(self._kept, len(self._text))
        self._flush()

    def _keep(self, token: Token, kept: "_Kept") -> bool:
        """Whether the token belongs to what is left as it is."""
        if token.kind is Kind.TEXT and kept.inline:
            kept.texts.append(unescape(self._text[token.start : token.end]))
        elif token.kind is Kind.START and token.name not in VOID and not token.closed:
            if token.name == kept.name and token.name in _UNCLOSED and not kept.inner[token.name]:
                self._kept = None
                return False
            kept.inner[token.name] += 1
        elif token.kind is Kind.END:
            return self._end_in_kept(token, kept)
        return True

    def _end_in_kept(self, token: Token, kept: "_Kept") -> bool:
        if kept.inner[token.name]:
            kept.inner[token.name] -= 1
        elif token.name == kept.name:
            self._close_kept(kept, token.end)
        elif self._names[token.name] and token.name not in _INLINE:
            self._close_kept(kept, token.start)  # never closed: its parent's end ends it
            return False
        return True

    def _close_kept(self, kept: "_Kept", end: int) -> None:
        if kept.inline:
            read = "".join(kept.texts)
            kind = PartKind.KEPT if read.strip() else PartKind.POINT
            self._parts.append(Part(kind, kept.start, end, " ".join(read.split()), kept.name))
        self._kept = None

    def _say(self, token: Token) -> None:
        self._parts.append(
            Part(PartKind.TEXT, token.start, token.end, unescape(self._text[token.start : token.end]))
        )

    def _start(self, token: Token) -> None:
        found = list(attributes(self._text, token))
        values = {each.name.lower(): self._text[each.start : each.end] for each in reversed(found)}
        inline = self._is_inline(token)
        if not inline:
            self._flush()
        if token.name in self._kept_names or _untranslated(token, values):
            if not token.closed and token.name not in VOID:
                self._kept = _Kept(token.name, token.start, inline)
            elif inline:
                self._parts.append(Part(PartKind.POINT, token.start, token.end, name=token.name))
            return
        self._attributes(token, found, values)
        if inline:
            self._parts.append(_inline(token))
        if token.name not in VOID and not token.closed:
            self._push(token.name, values)

    def _end(self, token: Token) -> None:
        if token.name in _INLINE:
            self._parts.append(Part(PartKind.CLOSE, token.start, token.end, name=token.name))
        else:
            self._flush()
        if self._names[token.name]:
            while self._pop() != token.name:
                pass

    def _is_inline(self, token: Token) -> bool:
        return token.name in _INLINE and not (token.name == "svg" and self._holds_text(token))

    def _holds_text(self, token: Token) -> bool:
        """A picture with words in it is not part of a sentence."""
        end = self._text.find("</svg", token.end, token.end + _LEADING)
        return end < 0 or self._text.find("<text", token.end, end) >= 0

    def _push(self, name: str, values: dict[str, str]) -> None:
        if name in _UNCLOSED and self._open and self._open[-1].name == name:
            self._pop()
        above = self._open[-1] if self._open else _Open("", None, preformatted=False)
        language = values.get("lang") or values.get("xml:lang") or above.language
        preformatted = above.preformatted or name in ("pre", "textarea")
        self._open.append(_Open(name, language, preformatted))
        self._names[name] += 1

    def _pop(self) -> str:
        name = self._open.pop().name
        self._names[name] -= 1
        return name

    def _attributes(self, token: Token, found: list[Attribute], values: dict[str, str]) -> None:
        seen: set[str] = set()
        for attribute in found:
            name = attribute.name.lower()
            if name not in seen and _is_read(token.name, name, values):
                text = unescape(self._text[attribute.start : attribute.end])
                place = Place(attribute.start, attribute.end, form=("attribute", attribute.quote))
                location = f"line {self._lines.of(token.start)}, {token.name} {name}"
                self._builder.add(place, Unit(text, location=location, language=self._language()))
            seen.add(name)

    def _flush(self) -> None:
        if any(part.kind is PartKind.TEXT and not part.blank for part in self._parts):
            collapse = not (self._open and self._open[-1].preformatted)
            location = f"line {self._lines.of(self._parts[0].start)}"
            made = flow.unit(
                self._parts, location=location, language=self._language(), collapse=collapse, form=("text",)
            )
            if made:
                self._builder.add(*made)
        self._parts = []

    def _language(self) -> str | None:
        return self._open[-1].language if self._open else None


@dataclass(slots=True)
class _Kept:
    """An element that is passed over."""

    name: str
    start: int
    inline: bool
    texts: list[str] = field(default_factory=list)
    inner: Counter[str] = field(default_factory=Counter)


def _inline(token: Token) -> Part:
    if token.name == "br":
        return Part(PartKind.KEPT, token.start, token.end, "\n", "br")
    kind = PartKind.POINT if token.name in VOID or token.closed else PartKind.OPEN
    return Part(kind, token.start, token.end, name=token.name)


def _untranslated(token: Token, values: dict[str, str]) -> bool:
    if (
        values.get("translate", "").strip().lower() == "no"
        or "notranslate" in values.get("class", "").split()
    ):
        return True
    return token.name in _CODE or token.name in _SKIPPED


def _is_read(element: str, name: str, values: dict[str, str]) -> bool:
    if name in _READ:
        return element != "link"
    if name == "label":
        return element in _LABELLED
    if name == "value":
        return element == "input" and values.get("type", "").lower() in _BUTTONS
    described = values.get("name", values.get("property", "")).lower()
    return name == "content" and element == "meta" and described in _DESCRIPTIONS


def _is_page(text: str) -> bool:
    """Whether nothing but comments stands before its first tag, and that is one of a page's."""
    for token in Scanner(text).tokens():
        written = text[token.start : token.end].lower()
        if token.kind is Kind.START:
            return token.name in _PAGE
        if written.startswith("<!doctype"):
            return written[9:].strip(" \t\n\r\f>").startswith("html")
        if token.kind is Kind.TEXT and written.strip():
            return False
    return False


def language_patches(text: str, target: str) -> list[Patch]:
    """The language that the page states for itself as a whole."""
    for token in Scanner(text).tokens():
        if token.kind is Kind.START and token.name != "html":
            break
        if token.kind is Kind.START:
            stated = (each for each in attributes(text, token) if each.name.lower() in ("lang", "xml:lang"))
            return [Patch(each.start, each.end, target) for each in stated]
    return []

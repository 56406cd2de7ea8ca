"""Paragraphs of Office Open XML: text in runs, each with its own formatting, and what stands between them.

Text in the formatting that most of it has is written without a tag, other formatting is a pair of tags. So whatever
a translation puts outside of every tag has a run to stand in.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from html import unescape

from app.documents.format import InlineTag, TagKind, Translated, Unit
from app.documents.nesting import Step, events
from app.documents.splice import Pieces, Place, Span
from app.documents.tree import Element

_NONE: Span = (0, 0)
_VOLATILE = re.compile(
    r'<(?:\w+:)?(?:lang|noProof)\b[^>]*/>|\s(?:lang|altLang|dirty|err|smtClean|noProof|bmk)="[^"]*"|\s(?=/?>)'
)
"""What spelling checkers write into the properties of a run: no formatting."""
_EMPTY = re.compile(r"(?:<[\w:]*rPr\s*/>|<[\w:]*rPr\s*>\s*</[\w:]*rPr>)?")
_DROPPED = frozenset({"proofErr", "lastRenderedPageBreak", "softHyphen"})
_LANGUAGE = re.compile(r'(<w:lang\b[^>]*?\bw:val="|<a:\w+\b[^>]*?\slang=")[^"]*(")')
_NESTED_FIELDS = 20
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""No character of XML, whichever way it is written."""


class Wrap(Enum):
    FORMAT = "format"
    """Text in other formatting: nothing of its own is written."""
    HOLDER = "holder"
    """Written from the source, before and after: a link, a tracked insertion, a field."""
    IN_RUN = "in run"
    """Copied into a run of its own."""
    BARE = "bare"
    """Copied as it is."""


@dataclass(frozen=True, slots=True)
class Written:
    """How a tag is written."""

    wrap: Wrap
    properties: Span = _NONE
    """Of the run, in the source; of HOLDER those of text directly in it."""
    opening: Span = _NONE
    closing: Span = _NONE


@dataclass(frozen=True, slots=True)
class Paragraph(Place):
    written: tuple[Written, ...] = ()
    """One for each tag of the unit."""
    properties: Span = _NONE
    """Of text outside of every tag."""
    prefix: str = ""
    """Of the elements written: `w:`."""
    plain: bool = False
    """Text without a run round it."""


class _Kind(Enum):
    TEXT = "text"
    KEPT = "kept"
    POINT = "point"
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class _Atom:
    kind: _Kind
    span: Span
    top: Span
    """Of the paragraph's child that it lies in."""
    text: str = ""
    properties: Span = _NONE
    run: Span | None = None
    name: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    holders: frozenset[str]
    """Elements with runs in them."""
    fields: frozenset[str] = frozenset()
    """Elements that hold a result and no runs: kept."""
    strips: bool = False
    """White space at the edges is read only where `xml:space` says so."""


def paragraph(
    source: str, element: Element, dialect: Dialect, location: str
) -> tuple[Paragraph, Unit] | None:
    """None where it holds no text."""
    found = _fields(list(_Reader(source, dialect).children(element)))
    low, high = _edges(found)
    if low >= high:
        return None
    prefix = element.opening.name.rpartition(":")[0]
    growing = _Growing(source, found[low:high])
    text, tags = growing.grow()
    place = Paragraph(
        start=found[low].top[0],
        end=found[high - 1].top[1],
        written=tuple(growing.written),
        properties=growing.base,
        prefix=f"{prefix}:" if prefix else "",
        plain=all(atom.run is None for atom in found[low:high] if atom.kind is _Kind.TEXT),
    )
    return place, Unit(text, tags, location)


def renderer(target: str | None) -> Callable[[Pieces, Place, Translated], str]:
    def render(pieces: Pieces, place: Place, translated: Translated) -> str:
        if not isinstance(place, Paragraph):
            return _attribute(translated.text, double="header" in place.form)
        return "".join(_rendered(pieces, place, translated, target))

    return render


def escaped(text: str) -> str:
    return _INVALID.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Reader:
    def __init__(self, source: str, dialect: Dialect) -> None:
        self._source = source
        self._dialect = dialect

    def children(self, element: Element, top: Span | None = None) -> Iterator[_Atom]:
        for child in element.children:
            span = (child.opening.start, child.end)
            here = top or span
            if child.name == "r":
                yield from self._run(child, here)
            elif child.name == "t":
                yield _Atom(_Kind.TEXT, span, here, self._text(child))
            elif child.name in self._dialect.holders and not child.opening.closed:
                yield from self._holder(child, here)
            elif child.name in self._dialect.fields:
                said = "".join(self._text(each) for each in child.below() if each.name == "t")
                yield _Atom(_Kind.KEPT if said else _Kind.POINT, span, here, said, name=child.name)
            elif child.name == "br":
                yield _Atom(_Kind.KEPT, span, here, "\n", name="br")
            elif child.name not in _DROPPED:
                yield _Atom(_Kind.POINT, span, here, name=child.name)

    def _holder(self, element: Element, top: Span) -> Iterator[_Atom]:
        inner = element if element.name != "sdt" else element.child("sdtContent")
        span = (element.opening.start, element.end)
        if inner is None or inner.opening.closed or any(each.name == "p" for each in inner.children):
            yield _Atom(_Kind.POINT, span, top, name=element.name)
            return
        atoms = list(self.children(inner, top))
        said = "".join(atom.text for atom in atoms)
        if not any(map(str.isalpha, said)) and element.name != "ins":
            yield _Atom(_Kind.KEPT if said.strip() else _Kind.POINT, span, top, said, name=element.name)
            return
        start, end = inner.inner
        yield _Atom(_Kind.OPEN, (span[0], start), top, name=element.name)
        yield from atoms
        yield _Atom(_Kind.CLOSE, (end, span[1]), top, name=element.name)

    def _run(self, run: Element, top: Span) -> Iterator[_Atom]:
        whole = (run.opening.start, run.end)
        properties = run.child("rPr")
        form = (properties.opening.start, properties.end) if properties else _NONE
        found = [
            self._piece(child, top, form, whole)
            for child in run.children
            if child.name != "rPr" and child.name not in _DROPPED
        ]
        if found and all(atom.kind is _Kind.POINT and not atom.field for atom in found):
            yield _Atom(_Kind.POINT, whole, top, name=found[0].name)
            return
        yield from found

    def _piece(self, child: Element, top: Span, form: Span, run: Span) -> _Atom:
        made = _Atom(
            _Kind.POINT, (child.opening.start, child.end), top, properties=form, run=run, name=child.name
        )
        if child.name == "t":
            return replace(made, kind=_Kind.TEXT, text=self._text(child))
        if child.name == "noBreakHyphen":
            return replace(made, kind=_Kind.TEXT, text="\u2011")
        if child.name == "tab":
            return replace(made, kind=_Kind.KEPT, text="\t")
        if child.name == "cr" or (child.name == "br" and _wraps(child)):
            return replace(made, kind=_Kind.KEPT, text="\n")
        return replace(made, field=_field(child))

    def _text(self, element: Element) -> str:
        if element.opening.closed:
            return ""
        text = unescape(self._source[slice(*element.inner)])
        kept = not self._dialect.strips or element.values.get("xml:space") == "preserve"
        return text if kept else text.strip()


def _wraps(element: Element) -> bool:
    return all(name.rpartition(":")[2] != "type" or kind == "textWrapping"
               for name, kind in element.values.items())  # fmt: skip


def _field(element: Element) -> str:
    if element.name != "fldChar":
        return "code" if element.name == "instrText" else ""
    return next((kind for name, kind in element.values.items() if name.endswith("fldCharType")), "")


def _fields(atoms: list[_Atom]) -> list[_Atom]:
    """Complex fields that lie within one holder become holders; the rest of their parts are points."""
    made: list[_Atom] = []
    opened: list[tuple[int, int]] = []
    """Where in `made` a field begins, and how many holders were open."""
    depth = 0
    for atom in atoms:
        depth += (atom.kind is _Kind.OPEN) - (atom.kind is _Kind.CLOSE)
        if atom.field == "begin":
            opened.append((len(made), depth))
        made.append(atom)
        if atom.field == "end" and opened:
            start, level = opened.pop()
            if level == depth and len(opened) < _NESTED_FIELDS:
                made[start:] = _joined(made[start:])
    return made


def _joined(field: list[_Atom]) -> list[_Atom]:
    first, last = field[0], field[-1]
    cut = next((n for n, atom in enumerate(field) if atom.field == "separate"), len(field) - 1)
    inner = field[cut + 1 : -1]
    said = "".join(atom.text for atom in inner)
    parts = [atom for atom in (*field[: cut + 1], last) if atom.run]
    shared = {atom.run for atom in inner if atom.run} & {atom.run for atom in parts}
    separate = field[cut].run
    if shared or first.run is None or last.run is None or separate is None:
        return field
    if not (_balanced(field[: cut + 1]) and _balanced(inner)):
        # It begins outside a link, say, and ends within it.
        return field
    start, end = first.run[0], last.run[1]
    top = (first.top[0], last.top[1])
    if not any(map(str.isalpha, said)):
        kind = _Kind.KEPT if said.strip() else _Kind.POINT
        return [_Atom(kind, (start, end), top, said, name="field")]
    opening = _Atom(_Kind.OPEN, (start, separate[1]), (first.top[0], field[cut].top[1]), name="field")
    return [opening, *inner, _Atom(_Kind.CLOSE, last.run, last.top, name="field")]


def _balanced(atoms: Sequence[_Atom]) -> bool:
    """Whether every holder that is entered here is left here, and no other."""
    depth = 0
    for atom in atoms:
        depth += (atom.kind is _Kind.OPEN) - (atom.kind is _Kind.CLOSE)
        if depth < 0:
            return False
    return depth == 0


def _edges(atoms: Sequence[_Atom]) -> tuple[int, int]:
    said = [number for number, atom in enumerate(atoms) if atom.kind is not _Kind.POINT]
    if not any(atom.kind is _Kind.TEXT for atom in atoms):
        return 0, 0
    low, high = said[0], said[-1] + 1
    while low > 0 and atoms[low - 1].top == atoms[low].top:
        low -= 1
    while high < len(atoms) and atoms[high].top == atoms[high - 1].top:
        high += 1
    return low, high


class _Growing:
    def __init__(self, source: str, atoms: Sequence[_Atom]) -> None:
        self._source = source
        self._atoms = atoms
        self._text: list[str] = []
        self._length = 0
        self._tags: list[InlineTag] = []
        self.written: list[Written] = []
        self._holders: list[int] = []
        self._open: int | None = None
        """The pair of other formatting."""
        self._keys: dict[Span, str] = {}
        self.base = self._usual(0) or _NONE
        self._bases = [self.base]

    def grow(self) -> tuple[str, tuple[InlineTag, ...]]:
        for number, atom in enumerate(self._atoms):
            match atom.kind:
                case _Kind.TEXT:
                    self._say(atom)
                case _Kind.OPEN:
                    self._enter(number, atom)
                case _Kind.CLOSE:
                    self._leave(atom)
                case _:
                    self._alone(atom)
        self._close()
        return "".join(self._text), tuple(self._tags)

    def _say(self, atom: _Atom) -> None:
        key = self._key(atom.properties)
        same_as = self.written[self._open].properties if self._open is not None else self._bases[-1]
        if atom.text.strip() and key != self._key(same_as):
            self._close()
            if key != self._key(self._bases[-1]):
                self._open = self._tag(TagKind.PAIR, Written(Wrap.FORMAT, atom.properties), "run")
        self._put(atom.text)

    def _put(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)

    def _enter(self, number: int, atom: _Atom) -> None:
        self._close()
        usual = self._usual(number + 1)
        self._bases.append(self._bases[-1] if usual is None else usual)
        made = self._tag(TagKind.PAIR, Written(Wrap.HOLDER, self._bases[-1], atom.span), atom.name)
        self._holders.append(made)

    def _leave(self, atom: _Atom) -> None:
        self._close()
        self._bases.pop()
        number = self._holders.pop()
        self._tags[number] = replace(self._tags[number], end=self._length)
        self.written[number] = replace(self.written[number], closing=atom.span)

    def _alone(self, atom: _Atom) -> None:
        wrap = Wrap.BARE if atom.run is None else Wrap.IN_RUN
        how = Written(wrap, atom.properties, atom.span)
        if wrap is Wrap.BARE:
            self._close()
        if atom.kind is _Kind.KEPT:
            number = self._tag(TagKind.KEPT, how, atom.name)
            self._put(atom.text)
            self._tags[number] = replace(self._tags[number], end=self._length)
        elif not self._merged(how):
            self._tag(TagKind.POINT, how, atom.name)

    def _merged(self, how: Written) -> bool:
        """Points beside each other are one."""
        last = self._tags[-1] if self._tags else None
        if last is None or last.kind is not TagKind.POINT or last.start != self._length:
            return False
        before = self.written[-1]
        touching = not self._source[before.opening[1] : how.opening[0]].strip()
        parent = self._open if self._open is not None else (self._holders[-1] if self._holders else None)
        if before.wrap is not how.wrap or not touching or last.parent != parent:
            return False
        self.written[-1] = replace(before, opening=(before.opening[0], how.opening[1]))
        return True

    def _tag(self, kind: TagKind, how: Written, name: str) -> int:
        parent = self._open if self._open is not None else (self._holders[-1] if self._holders else None)
        self._tags.append(InlineTag(kind, self._length, self._length, name, parent))
        self.written.append(how)
        return len(self._tags) - 1

    def _close(self) -> None:
        if self._open is not None:
            self._tags[self._open] = replace(self._tags[self._open], end=self._length)
            self._open = None

    def _usual(self, start: int) -> Span | None:
        """The properties that most letters have, directly in the holder that begins at `start`."""
        depth = 0
        counted: Counter[str] = Counter()
        spans: dict[str, Span] = {}
        for atom in self._atoms[start:]:
            depth += (atom.kind is _Kind.OPEN) - (atom.kind is _Kind.CLOSE)
            if depth < 0:
                break
            if depth == 0 and atom.kind is _Kind.TEXT:
                key = self._key(atom.properties)
                spans.setdefault(key, atom.properties)
                counted[key] += len(atom.text.strip())
        return spans[counted.most_common(1)[0][0]] if counted else None

    def _key(self, properties: Span) -> str:
        """Equal for properties that look the same."""
        if properties not in self._keys:
            text = _VOLATILE.sub("", self._source[slice(*properties)])
            self._keys[properties] = "" if _EMPTY.fullmatch(text) else text
        return self._keys[properties]


def _rendered(pieces: Pieces, place: Paragraph, translated: Translated, target: str | None) -> Iterator[str]:
    formats = [place.properties]
    for event in events(translated.text, translated.tags):
        if event.step is Step.TEXT:
            text = translated.text[event.start : event.end]
            yield _run(place, _form(pieces, formats[-1], target), _text_element(place, text))
            continue
        how = place.written[event.tag]
        match event.step:
            case Step.OPEN:
                formats.append(how.properties)
                yield pieces.between(*how.opening)
            case Step.CLOSE:
                formats.pop()
                yield pieces.between(*how.closing)
            case Step.ALONE if how.wrap is Wrap.IN_RUN:
                yield _run(place, _form(pieces, how.properties, target), pieces.between(*how.opening))
            case _:
                yield pieces.between(*how.opening)


def _form(pieces: Pieces, span: Span, target: str | None) -> str:
    text = pieces.between(*span)
    return _LANGUAGE.sub(rf"\g<1>{target}\g<2>", text) if target else text


def _run(place: Paragraph, form: str, content: str) -> str:
    if place.plain:
        return content
    return f"<{place.prefix}r>{form}{content}</{place.prefix}r>"


def _text_element(place: Paragraph, text: str) -> str:
    space = "" if place.prefix == "a:" else ' xml:space="preserve"'
    return f"<{place.prefix}t{space}>{escaped(text)}</{place.prefix}t>"


def _attribute(text: str, *, double: bool) -> str:
    """`double`: an ampersand begins a code there."""
    text = text.replace("&", "&&") if double else text
    return escaped(text).replace('"', "&quot;").replace("'", "&#39;")

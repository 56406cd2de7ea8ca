"""Gettext PO and POT: messages that nobody has translated yet; translations that exist stay."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.documents.encoding import decode
from app.documents.format import Composed, Document, Options, Translated, Unit
from app.documents.sample import Sample
from app.documents.splice import Builder, Patch, Place, Template, fill
from app.documents.written import composed
from app.errors import DamagedDocument

_LINE = re.compile("[^\n]*\n?")
_FIELD = re.compile(r'[ \t]*(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)[ \t]*(?=")')
_STRING = re.compile(r'[ \t]*"([^"\\\n]*(?:\\.[^"\\\n]*)*)"[ \t]*\r?\n?$')
_SNIFF = re.compile(
    r'^msgid[ \t]+"[^\n]*"\r?\n(?:"[^\n]*"\r?\n)*(?:msgid_plural|msgstr)[ \t\[]', re.MULTILINE
)
_CHARSET = re.compile(rb'"Content-Type:[^"\n]{0,80}charset=([\w.:-]{2,40})', re.IGNORECASE)
_LANGUAGE = re.compile(r'^("Language:[ \t]*)(\\n")', re.MULTILINE)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_WRITTEN = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\v": "\\v",
}
_SPECIAL = re.compile('[\\\\"\n\t\r\a\b\f\v]')


@dataclass(slots=True)
class _Entry:
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)


class Po:
    name = "po"
    title = "Gettext catalogue"
    media_types = ("text/x-gettext-translation",)
    suffixes = (".po", ".pot")

    def sniff(self, sample: Sample) -> float:
        return 0.97 if sample.text is not None and _SNIFF.search(sample.text) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        stated = _CHARSET.search(data[:8192])
        builder = Builder(decode(data, stated[1].decode() if stated else None), options.limits)
        for entry in _entries(builder.source.text):
            _add(builder, entry)
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        template: Template = document.skeleton
        stated = _LANGUAGE.search(template.source.text) if target and any(translations) else None
        more = [Patch(stated.end(1), stated.end(1), f" {target}")] if stated else []
        if stated and stated[1].endswith(" "):
            more = [Patch(stated.end(1), stated.end(1), str(target))]
        text = fill(template, document.units, translations, write=_write, more=more, always=True)
        return composed(self, template.source, text)


def _add(builder: Builder, entry: _Entry) -> None:
    singular = entry.fields.get("msgid")
    if not singular:
        return  # the header
    for name, place in entry.places.items():
        if name.startswith("msgstr") and not entry.fields[name]:
            plural = name not in ("msgstr", "msgstr[0]")
            source = entry.fields.get("msgid_plural", singular) if plural else singular
            builder.add(Place(*place), Unit(source, location=f"line {entry.line}"))


def _write(text: str, place: Place) -> str:
    del place
    return '"' + _SPECIAL.sub(lambda found: _WRITTEN[found[0]], text) + '"'


def _entries(text: str) -> Iterator[_Entry]:
    entry, current = _Entry(1), ""
    for number, line in enumerate(_LINE.finditer(text), 1):
        named = _FIELD.match(line[0])
        if named:
            if named[1] == "msgctxt" or (named[1] == "msgid" and "msgid" in entry.fields):
                yield entry
                entry = _Entry(number)
            current = named[1]
        elif not line[0].lstrip().startswith('"'):
            if line[0].strip() and not line[0].lstrip().startswith("#"):
                raise DamagedDocument(f"The catalogue cannot be read at line {number}.")
            current = ""
            continue
        _string(entry, current, line, len(named[0]) if named else 0, number)
    yield entry


def _string(entry: _Entry, name: str, line: re.Match[str], after: int, number: int) -> None:
    found = _STRING.match(line[0], after)
    if not found or not name:
        raise DamagedDocument(f"The catalogue cannot be read at line {number}.")
    start = line.start() + found.start(1) - 1
    end = line.start() + found.end(1) + 1
    entry.fields[name] = entry.fields.get(name, "") + _ESCAPE.sub(_unescaped, found[1])
    entry.places[name] = (entry.places[name][0] if name in entry.places else start, end)


def _unescaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])

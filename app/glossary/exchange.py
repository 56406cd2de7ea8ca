"""Glossaries as files: TSV, CSV, JSON and TBX (ISO 30042). One language pair a file, but for JSON, which holds all."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, get_args
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import orjson

from app.errors import DragomanError, InvalidRequest
from app.glossary.terms import ANY, Dictionary, Term, Terms
from app.validation import language_code

Form = Literal["tsv", "csv", "json", "tbx"]
FORMS: tuple[Form, ...] = get_args(Form)
SUFFIXES: Mapping[str, Form] = {
    ".tsv": "tsv",
    ".txt": "tsv",
    ".csv": "csv",
    ".json": "json",
    ".tbx": "tbx",
    ".xml": "tbx",
}
MEDIA: Mapping[Form, str] = {
    "tsv": "text/tab-separated-values",
    "csv": "text/csv",
    "json": "application/json",
    "tbx": "application/x-tbx",
}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGE_SECTIONS = ("langSec", "langSet")
_CONCEPTS = ("conceptEntry", "termEntry")
"""As TBX of 2019 and of 2008 calls them."""


def terms_of(data: str, form: Form, *, source: str, target: str) -> tuple[Term, ...]:
    """The terms of one pair. Raises InvalidRequest, which names the line or entry and never what stands there."""
    found = _READERS[form](data.removeprefix("\ufeff"), source, target)
    return tuple(_numbered(found))


def terms_of_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[Term, ...]:
    """Raises InvalidRequest."""
    return tuple(_numbered((number, *pair) for number, pair in enumerate(pairs, start=1)))


def written(dictionary: Dictionary, form: Form) -> str:
    return _WRITERS[form](dictionary)


def body_of(data: str) -> Mapping[str, Any]:
    """Of a whole glossary in JSON, as it is exported without a pair. Raises InvalidRequest."""
    try:
        found = orjson.loads(data.removeprefix("\ufeff"))
    except orjson.JSONDecodeError:
        raise InvalidRequest("The file is not JSON in UTF-8.") from None
    if not isinstance(found, dict):
        raise InvalidRequest("The file is JSON, but no object.")
    return found


def _numbered(pairs: Iterable[tuple[int, str, str]]) -> Iterator[Term]:
    """A pair that stands there twice is one term."""
    seen: dict[str, str] = {}
    for number, source, target in pairs:
        try:
            term = Term.made(source, target)
        except DragomanError as error:
            raise InvalidRequest(f"Entry {number}: {error}") from None
        if term.source not in seen:
            yield term
        elif seen[term.source] != term.target:
            raise InvalidRequest(f"Entry {number}: the term stands there before, with another translation.")
        seen[term.source] = term.target


def _tsv(data: str, source: str, target: str) -> Iterator[tuple[int, str, str]]:
    del source, target
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            parts = line.split("\t")
            if len(parts) < 2:
                raise InvalidRequest(f"Line {number} has no tab between a term and its translation.")
            yield number, parts[0], parts[1]


def _csv(data: str, source: str, target: str) -> Iterator[tuple[int, str, str]]:
    """Two columns, or four with the languages of each, as DeepL takes them: lines of other pairs are left out."""
    try:
        for number, row in enumerate(csv.reader(io.StringIO(data, newline=""), strict=True), start=1):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < 2:
                raise InvalidRequest(f"Line {number} has one column. A term and its translation are two.")
            if len(row) < 4 or (_same(row[2], source) and _same(row[3], target)):
                yield number, row[0], row[1]
    except csv.Error:
        raise InvalidRequest(
            "The file is not CSV: a quotation mark is left open, or stands inside a field."
        ) from None


def _json(data: str, source: str, target: str) -> Iterator[tuple[int, str, str]]:
    """`{"term": "translation"}`, `[{"source", "target"}]`, or a whole glossary."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise InvalidRequest("The file is not JSON in UTF-8.") from None
    if isinstance(found, dict) and isinstance(found.get("dictionaries"), list):
        found = [
            term
            for each in found["dictionaries"]
            if isinstance(each, dict) and (each.get("source"), each.get("target")) == (source, target)
            for term in each.get("terms", [])
        ]
    if isinstance(found, dict):
        found = [{"source": here, "target": there} for here, there in found.items()]
    for number, each in enumerate(found if isinstance(found, list) else [None], start=1):
        pair = (each.get("source"), each.get("target")) if isinstance(each, dict) else (None, None)
        if not (isinstance(pair[0], str) and isinstance(pair[1], str)):
            raise InvalidRequest(f"Entry {number} is not a term and its translation.")
        yield number, pair[0], pair[1]


def _tbx(data: str, source: str, target: str) -> Iterator[tuple[int, str, str]]:
    """Of each concept every term of the source, with the first of the target."""
    if source == ANY:
        raise InvalidRequest("A TBX file holds many languages. Name the one that is translated from.")
    try:
        # No entities but XML's own are expanded, and nothing outside is opened: expat does so only when told.
        root = ET.fromstring(_without_doctype(data))  # noqa: S314
    except ET.ParseError as error:
        raise InvalidRequest(f"The file is not XML (line {error.position[0]}).") from None
    for number, concept in enumerate(_named(root.iter(), _CONCEPTS), start=1):
        here, there = _of_language(concept, source), _of_language(concept, target)
        yield from ((number, term, there[0]) for term in here if there)


def _without_doctype(data: str) -> str:
    """Raises InvalidRequest for one that declares anything itself."""
    start = data.find("<!DOCTYPE")
    if start < 0:
        return _undeclared(data)
    end = data.find(">", start)
    if end < 0 or "[" in data[start:end]:
        raise InvalidRequest("The file declares entities of its own. Leave its document type out.")
    return _undeclared(data[:start] + data[end + 1 :])


def _undeclared(data: str) -> str:
    """Text has no encoding any more."""
    return data[data.index("?>") + 2 :] if data.lstrip().startswith("<?xml") and "?>" in data else data


def _of_language(concept: ET.Element, language: str) -> list[str]:
    sections = _named(concept.iter(), _LANGUAGE_SECTIONS)
    return [
        "".join(term.itertext())
        for section in sections
        if _same(section.get(_LANGUAGE, section.get("lang", "")), language)
        for term in _named(section.iter(), ("term",))
    ]


def _named(elements: Iterable[ET.Element], names: tuple[str, ...]) -> Iterator[ET.Element]:
    return (each for each in elements if str(each.tag).rpartition("}")[2] in names)


def _same(code: str, language: str) -> bool:
    if language == ANY:
        return True
    try:
        return language_code(code.strip().replace("_", "-")) == language
    except DragomanError:
        return False


def _write_tsv(dictionary: Dictionary) -> str:
    return "".join(f"{term.source}\t{term.target}\n" for term in dictionary.terms)


def _write_csv(dictionary: Dictionary) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows((term.source, term.target, *dictionary.pair) for term in dictionary.terms)
    return out.getvalue()


def _write_json(dictionary: Dictionary) -> str:
    body = Terms((dictionary,)).body()["dictionaries"][0]["terms"]
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n"


def _write_tbx(dictionary: Dictionary) -> str:
    """TBX-Core in DCA style, ISO 30042:2019."""
    concepts = "".join(
        f'<conceptEntry id="c{number}">{_section(dictionary.source, term.source)}'
        f"{_section(dictionary.target, term.target)}</conceptEntry>\n"
        for number, term in enumerate(dictionary.terms, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<tbx style="dca" type="TBX-Core" xml:lang={quoteattr(dictionary.source)} '
        'xmlns="urn:iso:std:iso:30042:ed-2">\n'
        "<tbxHeader><fileDesc><sourceDesc><p>Exported by Dragoman.</p></sourceDesc></fileDesc></tbxHeader>\n"
        f"<text><body>\n{concepts}</body></text>\n</tbx>\n"
    )


def _section(language: str, term: str) -> str:
    return f"<langSec xml:lang={quoteattr(language)}><termSec><term>{escape(term)}</term></termSec></langSec>"


_READERS: Mapping[Form, Callable[[str, str, str], Iterator[tuple[int, str, str]]]] = {
    "tsv": _tsv,
    "csv": _csv,
    "json": _json,
    "tbx": _tbx,
}
_WRITERS: Mapping[Form, Callable[[Dictionary], str]] = {
    "tsv": _write_tsv,
    "csv": _write_csv,
    "json": _write_json,
    "tbx": _write_tbx,
}

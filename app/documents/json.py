"""JSON and JSON Lines: string values; every other byte, white space and order included, stays."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.documents.encoding import Source, decode
from app.documents.format import Composed, Document, Options, Translated, Unit
from app.documents.limits import Limits
from app.documents.sample import Sample
from app.documents.splice import Builder, Place, Template, fill
from app.documents.words import is_prose
from app.documents.written import composed, fitting
from app.errors import DamagedDocument

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*)*"')
_SCALAR = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null", re.ASCII)
_BEGIN = re.compile(r'\s*(?:\{\s*(?:"|\}|$)|\[\s*(?:["\[{\]\d-]|true|false|null|$))')
_LINE = re.compile("[^\n]+")
_LOCATION = 200
"""Characters of a pointer that are shown."""

Keep = Callable[[tuple[str, ...], str], bool]


@dataclass(frozen=True, slots=True)
class _Value:
    pointer: tuple[str, ...]
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class JsonFormat:
    name: str
    title: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]

    def sniff(self, sample: Sample) -> float:
        if sample.text is None or not _BEGIN.match(sample.text):
            return 0.0
        lines = [line for line in sample.text.splitlines()[:3] if line.strip()]
        by_line = len(lines) > 1 and all(_is_value(line) for line in lines[: 2 if len(lines) > 2 else 1])
        if by_line and lines[1].lstrip()[:1] in ("{", "["):
            return 0.93 if self.name == "jsonl" else 0.1
        return 0.1 if self.name == "jsonl" else 0.9

    def extract(self, data: bytes, options: Options) -> Document:
        options.limits.check_bytes(len(data))
        builder = Builder(decode(data), options.limits)
        text, keep = builder.source.text, _chosen(options.pointers)
        if self.name == "json":
            _read(builder, 0, len(text), keep, options.limits, "")
        else:
            for number, line in enumerate(_LINE.finditer(text), 1):
                if line[0].strip():
                    _read(builder, line.start(), line.end(), keep, options.limits, f"line {number}, ")
        return builder.document(self.name)

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        del target
        template: Template = document.skeleton
        text = fill(template, document.units, translations, write=_writer(template.source))
        return composed(self, template.source, text)


JSON = JsonFormat("json", "JSON", ("application/json",), (".json", ".geojson", ".webmanifest"))
JSONL = JsonFormat(
    "jsonl", "JSON Lines", ("application/jsonl", "application/x-ndjson"), (".jsonl", ".ndjson")
)


def _writer(source: Source) -> Callable[[str, Place], str]:
    fit = fitting(source, lambda character: json.dumps(character)[1:-1])
    plain = source.text.isascii()

    def write(text: str, place: Place) -> str:
        del place
        return fit(json.dumps(text, ensure_ascii=plain)[1:-1])

    return write


def _read(builder: Builder, start: int, end: int, keep: Keep, limits: Limits, where: str) -> None:
    for value in _values(builder.source.text, start, end, limits):
        if keep(value.pointer, value.text):
            pointer = "/" + "/".join(value.pointer) if value.pointer else "the value"
            location = f"{where}{pointer[:_LOCATION]}"
            builder.add(Place(value.start, value.end), Unit(value.text, location=location))


def _chosen(pointers: Sequence[str] | None) -> Keep:
    if pointers is None:
        return lambda _, text: is_prose(text)
    wanted = [tuple(each.split("/")[1:]) for each in pointers]

    def keep(pointer: tuple[str, ...], text: str) -> bool:
        del text
        return any(
            len(each) == len(pointer)
            and all(step in ("*", found) for step, found in zip(each, pointer, strict=True))
            for each in wanted
        )

    return keep


def _is_value(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


class _Damaged(DamagedDocument):
    def __init__(self, text: str, position: int) -> None:
        line = text.count("\n", 0, position) + 1
        super().__init__(f"The JSON is not valid at line {line}, or ends too early.")


def _values(text: str, start: int, end: int, limits: Limits) -> Iterator[_Value]:
    """String values in order. Without recursion, so that brackets in brackets cannot exhaust a stack."""
    keys: list[str | int] = []
    position, done = _blank(text, start), False
    while not done:
        if text.startswith(("{", "["), position) and position < end:
            limits.check_depth(len(keys) + 1)
            closing = "}" if text[position] == "{" else "]"
            inner = _blank(text, position + 1)
            if not text.startswith(closing, inner):
                keys.append("" if closing == "}" else 0)
                position = _key(text, inner, keys) if closing == "}" else inner
                continue
            position = inner + 1
        elif found := _STRING.match(text, position, end):
            yield _Value(tuple(map(_step, keys)), position + 1, found.end() - 1, json.loads(found[0]))
            position = found.end()
        elif found := _SCALAR.match(text, position, end):
            position = found.end()
        else:
            raise _Damaged(text, position)
        position, done = _after(text, position, keys)
    if _blank(text, position) < end:
        raise _Damaged(text, position)


def _after(text: str, position: int, keys: list[str | int]) -> tuple[int, bool]:
    """Where the next value begins, once one has ended; True where it was the last."""
    while keys:
        position = _blank(text, position)
        last = keys[-1]
        if text.startswith(",", position):
            position = _blank(text, position + 1)
            if isinstance(last, int):
                keys[-1] = last + 1
                return position, False
            return _key(text, position, keys), False
        if not text.startswith("]" if isinstance(last, int) else "}", position):
            raise _Damaged(text, position)
        keys.pop()
        position += 1
    return position, True


def _key(text: str, position: int, keys: list[str | int]) -> int:
    """Reads `"key":`, and gives where its value begins."""
    found = _STRING.match(text, position)
    colon = _blank(text, found.end()) if found else position
    if not found or not text.startswith(":", colon):
        raise _Damaged(text, position)
    keys[-1] = json.loads(found[0])
    return _blank(text, colon + 1)


def _step(key: str | int) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _blank(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position

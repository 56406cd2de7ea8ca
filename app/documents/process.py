"""The inside of the process that reads and writes files from strangers (app/jobs/parsing.py is its outside).

Its order comes as JSON on standard input, its answer goes as JSON to standard output, texts by files: never a pickle,
which whoever broke in here could turn against the service.
"""

import errno
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from app.documents.format import Document, InlineTag, Note, Options, Translated, Unit
from app.documents.limits import Limits
from app.documents.registry import by_name, find
from app.errors import DamagedDocument, InvalidRequest
from models.fault import place

_FILES = 64


def main() -> None:
    order = orjson.loads(sys.stdin.buffer.read())
    _confine(order)
    try:
        answer = ACTIONS[order["action"]](order)
    except InvalidRequest as error:
        answer = {"error": error.code, "message": str(error)}
    except MemoryError:
        answer = {"error": "memory"}
    except OSError as error:
        answer = {"error": "unpacked" if error.errno == errno.EFBIG else "defect", "message": place(error)}
    except Exception as error:  # noqa: BLE001  recorded as this document's failure; its message might hold text
        answer = {"error": "defect", "message": place(error)}
    sys.stdout.buffer.write(orjson.dumps(answer))


def extract(order: dict[str, Any]) -> dict[str, Any]:
    """Writes the units to the file `out`."""
    data, options = Path(order["source"]).read_bytes(), _options(order)
    found = find(data, order["name"], media_type=order["media_type"], limits=options.limits)
    document = found.extract(data, options)
    Path(order["out"]).write_bytes(orjson.dumps([_unit(each) for each in document.units]))
    return {"format": document.format, "notes": [_note(each) for each in document.notes]}


def compose(order: dict[str, Any]) -> dict[str, Any]:
    """Reads `translations`, a list with `[text, [[start, end], …]]` or null for each unit; writes the file `out`."""
    form, options = by_name(order["format"]), _options(order)
    document = form.extract(Path(order["source"]).read_bytes(), options)
    translations = _translated(document, orjson.loads(Path(order["translations"]).read_bytes()))
    composed = form.compose(document, translations, target=order["target"])
    Path(order["out"]).write_bytes(composed.data)
    return {
        "media_type": composed.media_type,
        "suffix": composed.suffix,
        "notes": [_note(each) for each in composed.notes],
    }


ACTIONS = {"extract": extract, "compose": compose}


def _confine(order: dict[str, Any]) -> None:
    """What the kernel lets this process have; a file that wants more ends it and nothing else."""
    for what, most in (
        (resource.RLIMIT_AS, order["memory"]),
        (resource.RLIMIT_CPU, order["cpu"]),
        (resource.RLIMIT_FSIZE, order["max_expanded_bytes"]),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _options(order: dict[str, Any]) -> Options:
    chosen = order["options"]

    def names(option: str) -> tuple[str, ...] | None:
        return tuple(chosen[option]) if chosen.get(option) else None

    return Options(
        limits=Limits(max_bytes=order["max_bytes"], max_expanded_bytes=order["max_expanded_bytes"]),
        columns=names("columns"),
        pointers=names("pointers"),
        elements=names("elements"),
        attachments=bool(chosen.get("attachments")),
        sheet_names=bool(chosen.get("sheet_names")),
    )


def _unit(unit: Unit) -> list[Any]:
    tags = [[tag.kind.value, tag.start, tag.end, tag.name, tag.parent] for tag in unit.tags]
    return [unit.text, unit.location, unit.language, tags]


def _note(note: Note) -> dict[str, Any]:
    return {"code": note.code, "message": note.message, "unit": note.unit}


def _translated(document: Document, given: Sequence[Any]) -> list[Translated | None]:
    if len(given) != len(document.units):
        raise DamagedDocument("The document reads otherwise than when it came. Send it again.")
    return [
        None if each is None else Translated(each[0], _tags(unit, each[1]))
        for unit, each in zip(document.units, given, strict=True)
    ]


def _tags(unit: Unit, ranges: Sequence[tuple[int, int]]) -> tuple[InlineTag, ...]:
    return tuple(
        replace(tag, start=start, end=end) for tag, (start, end) in zip(unit.tags, ranges, strict=True)
    )

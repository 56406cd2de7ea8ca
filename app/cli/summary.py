"""What a bulk run says at its end."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from app.bulk.output import FileOutput, StreamOutput
from app.bulk.report import Report
from app.cli import console

_NAMED = 5
"""Failed records named on standard error; the file beside the output has them all."""


def left(output: FileOutput | StreamOutput) -> str:
    if output.empty:
        return "Nothing was written."
    if isinstance(output, FileOutput):
        return f"What was written so far is in {output.part}; {output.path} was not touched."
    return "The output ends there."


def tell(report: Report, output: FileOutput | StreamOutput, *, json: bool) -> None:
    kept = str(output.failures) if isinstance(output, FileOutput) and output.failed else None
    body = {**report.body(), "failures": kept}
    if json:
        console.emit_json(body)
    else:
        console.emit_table(("bulk run", ""), list(_rows(body)), stderr=True)
    if kept is not None:
        console.complain(f"{output.failed:,} failed: {_first(Path(kept))}. All of them are listed in {kept}.")


def _rows(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("records", "characters", "translated", "unchanged", "failed"):
        yield name, f"{body[name]:,}"
    for name in ("flags", "languages", "errors"):
        yield name, ", ".join(f"{key} {count:,}" for key, count in body[name].items()) or "none"
    yield "seconds", f"{body['seconds']:,.1f}"
    yield "characters a second", f"{body['characters_per_second']:,.0f}"
    yield "price", f"{body['price']} {body['currency']}"
    yield "measured cost", f"{body['cost']} {body['currency']}"
    yield "cost a million", f"{body['cost_per_million'] or '-'} {body['currency']}"


def _first(failures: Path) -> str:
    """The first failed records, by line and code."""
    with failures.open("rb") as lines:
        found = [orjson.loads(line) for line in islice(lines, _NAMED + 1)]
    named = ", ".join(f"line {each['line']} {each['code']}" for each in found[:_NAMED])
    return f"{named} and more" if len(found) > _NAMED else named

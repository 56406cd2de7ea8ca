"""What a bulk run says at its end."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.bulk.failures import first
from app.bulk.record import Record
from app.bulk.report import figure
from app.cli import console

_NAMED = 5
"""Failed records named on standard error; the file beside the output has them all."""


class Told:
    """Failures where there is no file for them: each is named on standard error, without its text."""

    def fail(self, name: str, record: Record, field: str | None, *, code: str, message: str) -> None:
        del name, field
        sys.stderr.write(f"line {record.line}: {code}: {message}\n")


def tell(report: Mapping[str, Any], *, json: bool, quiet: bool) -> None:
    if json:
        console.emit_json(report)
    elif not quiet:
        console.emit_table(("bulk run", ""), list(_rows(report)), stderr=True)
    if report["failures"] is not None:
        kept = Path(report["failures"])
        console.complain(f"{report['failed']:,} failed: {_first(kept)}. All of them are listed in {kept}.")


def _rows(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("records", "characters", "translated", "unchanged", "failed"):
        yield name, f"{body[name]:,}"
    if glossary := body.get("glossary"):
        yield "glossary", _glossary(glossary)
    for name in ("flags", "languages", "errors"):
        yield name, ", ".join(f"{key} {count:,}" for key, count in body[name].items()) or "none"
    yield "seconds", f"{body['seconds']:,.1f}"
    yield "characters a second", f"{body['characters_per_second']:,.0f}"
    yield "price", f"{body['price']} {body['currency']}"
    yield "measured cost", f"{body['cost']} {body['currency']}"
    for name, pair in (body["forecast"] or {}).items():
        yield (
            f"{name.replace('_', ' ')}, forecast",
            f"{figure(pair['forecast'])}, actual {figure(pair['actual'])}",
        )
    yield "cost a million", f"{body['cost_per_million'] or '-'} {body['currency']}"


def _glossary(found: Mapping[str, Any]) -> str:
    if "version" in found:
        return f"{found['name']}, version {found['version']}"
    return f"{found['terms']:,} terms, sha256 {found['sha256'][:16]}"


def _first(failures: Path) -> str:
    """The first failed records, by line and code."""
    try:
        found = first(failures, _NAMED + 1)
    except OSError:
        return "their list is gone"
    named = ", ".join(f"line {each['line']} {each['code']}" for each in found[:_NAMED])
    return f"{named} and more" if len(found) > _NAMED else named

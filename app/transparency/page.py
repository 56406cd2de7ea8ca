"""The record as one HTML page: no script, nothing from elsewhere, light and dark, fit to print."""

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from app.transparency.standard import Source

MOST_PAIRS = 200
"""Rows of the page; transparency.json has them all."""
_SAID_BY = {
    Source.CONFIGURATION: "from the configuration",
    Source.PROGRAM: "true of every installation of this version",
    Source.ORGANISATION: "answered by the organisation",
    Source.MISSING: "open",
}


def page(record: Mapping[str, Any], bill: Mapping[str, Any]) -> str:
    """`record` as app.transparency.record makes it."""
    sections = [
        (name, list(found)) for name, found in groupby(record["fields"], key=lambda each: each["section"])
    ]
    return _template().render(
        record=record,
        sections=sections,
        pairs=record["pairs"][:MOST_PAIRS],
        left=max(0, len(record["pairs"]) - MOST_PAIRS),
        packages=[each for each in bill["components"] if each["type"] == "library"],
    )


def licence(component: Mapping[str, Any]) -> str:
    for each in component.get("licenses", ()):
        found = each.get("expression") or each["license"].get("name") or each["license"].get("id")
        return str(found)
    return "not declared"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("app.transparency"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=lambda value: f"{value:,}",
        licence=licence,
        said_by=lambda source: _SAID_BY[Source(source)],
    )
    return environment.get_template("record.html")

"""A bulk run's report as one HTML page: no script, nothing from elsewhere, and no text of the corpus."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from app.bulk.failures import first
from app.bulk.report import figure
from app.flags import FLAGS

MOST_FAILURES = 200
"""Named one by one."""


def page(report: Mapping[str, Any], *, name: str) -> str:
    """`report` as app.bulk.report makes it; `name`: of the output."""
    return _template().render(
        report=report, name=name, meanings=FLAGS, failures=_failures(report["failures"])
    )


def _failures(listed: str | None) -> list[dict[str, Any]]:
    if listed is None or not Path(listed).exists():
        return []
    return first(Path(listed), MOST_FAILURES)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("app.bulk"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["figure"] = figure
    environment.filters["share"] = lambda pair: (
        f"{pair['actual'] / pair['forecast']:.2f} ×" if pair["forecast"] else "-"
    )
    return environment.get_template("report.html")

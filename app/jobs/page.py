"""A job's report as one HTML page: no script, nothing from elsewhere."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from app.flags import FLAGS


def page(report: Mapping[str, Any]) -> str:
    """`report` as app.jobs.bodies makes it."""
    return _template().render(report=report, job=report["job"], meanings=FLAGS)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("app.jobs"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment.get_template("report.html")

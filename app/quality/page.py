"""The quality report as one HTML page: no script, nothing from elsewhere, light and dark, fit to print."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from app.quality.drift import ANY_DOUBT, ERROR_RATE, Figure, Rate, Verdict
from app.quality.rating import Estimate
from app.quality.report import Group, QualityReport
from app.quality.wording import NAMES, change, rate, sentence, share
from app.reports.charts import Chart, Column, chart

MOST_GROUPS = 40
"""Shown in full; the rest is counted."""


def page(report: QualityReport, weeks: QualityReport, ratings: Sequence[Estimate], *, made: datetime) -> str:
    """`weeks`: the same, week by week, for the chart."""
    shown = report.groups[:MOST_GROUPS]
    return _template().render(
        report=report,
        made=made,
        sentence=sentence(report),
        drifts=[(each, figure) for each in report.groups for figure in _drifted(each)],
        groups=shown,
        left=len(report.groups) - len(shown),
        doubts=chart([Column(each.key, _doubts(each)) for each in weeks.groups]),
        segments=chart([Column(each.key, (("segments", float(each.segments)),)) for each in weeks.groups]),
        weeks=weeks,
        ratings=ratings,
        error_rate=ERROR_RATE,
        bins=_bins,
    )


def _drifted(group: Group) -> list[Figure]:
    return [each for each in group.figures if each.verdict is Verdict.DRIFT]


def _doubts(group: Group) -> tuple[tuple[str, float], ...]:
    """In a thousand."""
    found = next(each.now for each in group.figures if each.what == ANY_DOUBT)
    return (("doubts", round(1000 * ((found.share if isinstance(found, Rate) else None) or 0), 3)),)


def _bins(counts: Sequence[int]) -> Chart:
    return chart(
        [
            Column(f"{place / len(counts):.1f}", (("segments", float(count)),))
            for place, count in enumerate(counts)
        ]
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("app.quality"), PackageLoader("app.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters.update(
        number=lambda value: f"{value:,}",
        rate=rate,
        share=share,
        change=change,
        named=lambda what: NAMES.get(what, what),
        short=lambda value: f"{value:,.12g}",
    )
    return environment.get_template("report.html")

"""The usage report as one HTML page: no script, nothing from elsewhere, light and dark, fit to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from app.ledger.report import GroupBy, Section, UsageReport, UsageRow, summed
from app.ledger.vendors import Bill
from app.ledger.wording import amount, period, statement
from app.reports.charts import Chart, Column, chart

MOST_ROWS = 40
"""Of a section; the rest is one row."""
MOST_DAYS = 62
"""Days that are drawn one by one; a longer time is drawn by months."""
SECTIONS: tuple[GroupBy, ...] = ("day", "month", "tenant", "pair", "model", "cost_centre", "key", "job")
"""What a page shows unless asked for one grouping."""
_TITLES: dict[GroupBy, str] = {
    "day": "By day",
    "month": "By month",
    "tenant": "By tenant",
    "key": "By API key",
    "cost_centre": "By cost centre",
    "pair": "By language pair",
    "model": "By model",
    "job": "By job",
}
_TIMES = ("day", "month")


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    rows: tuple[UsageRow, ...]
    characters: Chart | None
    """Over time; other sections have a bar in each row."""
    cost: Chart | None
    most: int
    """Characters of the longest row."""


def page(report: UsageReport, bills: Sequence[Bill], *, made: datetime) -> str:
    return _template().render(
        report=report,
        bills=bills,
        made=made,
        statement=statement(report),
        period=period(report),
        parts=[_part(section) for section in _shown(report)],
        longest=max((bill.converted for bill in bills if bill.converted is not None), default=Decimal(0)),
    )


def _shown(report: UsageReport) -> list[Section]:
    if len(report.sections) == 1:
        return list(report.sections)
    days = next((len(each.rows) for each in report.sections if each.group_by == "day"), 0)
    hidden = "day" if days > MOST_DAYS else "month"
    return [each for each in report.sections if each.group_by != hidden and not _idle(each, report)]


def _idle(section: Section, report: UsageReport) -> bool:
    """Tells nothing: of one tenant by tenant, or of keys, cost centres and jobs where none was named."""
    if section.group_by == "tenant":
        return report.tenant is not None
    return section.group_by in ("key", "cost_centre", "job") and all(
        row.key == "none" for row in section.rows
    )


def _part(section: Section) -> Part:
    most = max((row.characters for row in section.rows), default=0)
    if section.group_by not in _TIMES:
        return Part(_TITLES[section.group_by], _topmost(section.rows), None, None, most)
    found = {row.key: row for row in section.rows}
    keys = _calendar(list(found), section.group_by)
    return Part(
        _TITLES[section.group_by],
        section.rows,
        chart([Column(key, _characters(found.get(key))) for key in keys]),
        chart([Column(key, _cost(found.get(key))) for key in keys]),
        most,
    )


def _topmost(rows: tuple[UsageRow, ...]) -> tuple[UsageRow, ...]:
    if len(rows) <= MOST_ROWS:
        return rows
    left = rows[MOST_ROWS - 1 :]
    return (*rows[: MOST_ROWS - 1], summed(f"{len(left):,} others", left))


def _calendar(keys: Sequence[str], group_by: GroupBy) -> list[str]:
    """Every day or month from the first to the last: one without use is a gap in the chart."""
    if not keys:
        return []
    if group_by == "month":
        first, last = (int(key[:4]) * 12 + int(key[5:]) - 1 for key in (keys[0], keys[-1]))
        return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]
    start, end = date.fromisoformat(keys[0]), date.fromisoformat(keys[-1])
    return [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]


def _characters(row: UsageRow | None) -> tuple[tuple[str, float], ...]:
    if row is None:
        return ()
    kinds = ("translated", "unchanged", "failed")
    return tuple((kind, float(getattr(row, f"{kind}_characters"))) for kind in kinds)


def _cost(row: UsageRow | None) -> tuple[tuple[str, float], ...]:
    return () if row is None else (("cost", row.cost_nanos / 1e9),)


def _money(value: Decimal | None, currency: str) -> str:
    return "-" if value is None else amount(round(value * 1_000_000_000), currency)


def _short(value: float) -> str:
    """Without an exponent: 0.00005, not 5e-05."""
    return f"{Decimal(f'{value:.12g}'):,f}"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("app.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(
        number=lambda value: f"{value:,}",
        money=amount,
        price=_money,
        percent=lambda share: f"{share:.1%}",
        short=_short,
    )
    return environment.get_template("usage.html")

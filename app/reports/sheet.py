"""The usage report as CSV (RFC 4180, UTF-8): the rows of its first section, or its totals."""

import csv
import io
from decimal import Decimal

from app.ledger.money import format_nanos
from app.ledger.report import UsageReport, UsageRow

FIGURES = (
    "requests", "characters", "translated_characters", "billed_characters", "unchanged_characters",
    "cached_characters", "failed_characters", "unchanged_share", "cached_share", "segments", "cached_segments",
    "source_tokens", "target_tokens", "compute_seconds", "price", "cost", "idle_cost", "price_per_million",
    "cost_per_million",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula, and runs it."""


def sheet(report: UsageReport) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([report.group_by or "total", *FIGURES, "currency"])
    for row in report.rows if report.sections else (report.totals,):
        writer.writerow([inert(row.key), *_figures(row), report.currency])
    return stream.getvalue()


def inert(text: str) -> str:
    """For cells that hold what callers chose; numbers are ours, and stay numbers."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _figures(row: UsageRow) -> list[str]:
    derived = {
        "unchanged_share": f"{row.unchanged_share:.4f}",
        "cached_share": f"{row.cached_share:.4f}",
        "compute_seconds": format_nanos(row.compute_ns),
        "price": format_nanos(row.price_nanos),
        "cost": format_nanos(row.cost_nanos),
        "idle_cost": format_nanos(row.idle_nanos),
        "price_per_million": _rate(row.price_per_million),
        "cost_per_million": _rate(row.cost_per_million),
    }
    return [derived[name] if name in derived else str(getattr(row, name)) for name in FIGURES]


def _rate(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.6f}"

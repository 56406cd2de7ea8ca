"""Results as a table for the terminal and as plain values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from app.bench.machine import Header
from app.bench.measure import BUSY, ENOUGH, NOISY, Row, Verdict

STYLES = {Verdict.MET: "green", Verdict.MISSED: "red", Verdict.NONE: "yellow", Verdict.SKIPPED: "dim"}
HEADINGS = ("", "measured", "by wall time", "goal", "verdict", "spread", "note")
READING = (
    f"Rounds are interleaved, in a new order each; a value is the median of the rounds' own values, `spread` the "
    f"largest of them ÷ the smallest. Ratios are by CPU-seconds of the process tree; the same by wall time is beside "
    f"them. No verdict is given under {ENOUGH} rounds, above a spread of {NOISY:g}, or where other processes took "
    f"over {BUSY:.0%} of the machine."
)


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark, run."""

    name: str
    title: str
    about: str
    header: Header
    rows: tuple[Row, ...]


def table(result: Result) -> Table:
    shown = Table(title=f"{result.name}  {result.title}", title_justify="left", expand=True)
    for heading in HEADINGS:
        shown.add_column(heading, overflow="fold")
    for row in result.rows:
        shown.add_row(*_cells(row), style=STYLES.get(row.verdict))
    return shown


def number(value: float) -> str:
    """Three figures that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _cells(row: Row) -> tuple[str, ...]:
    return texts(_plain_row(row))


def texts(row: Mapping[str, Any]) -> tuple[str, ...]:
    measured = "" if row["value"] is None else f"{number(row['value'])} {row['unit']}"
    return (
        row["name"],
        measured,
        _or_empty(row["wall"]),
        row["goal"] or "",
        row["verdict"],
        _or_empty(row["spread"]),
        row["note"],
    )


def _or_empty(value: float | None) -> str:
    return "" if value is None else number(value)


def conditions(header: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in header["versions"].items())
    quick = ", quick" if header["quick"] else ""
    return (
        f"{header['date']}, commit {header['commit']}, {header['rounds']} rounds{quick}; {header['cpu']}, "
        f"{header['cores']} cores, {header['memory_gb']} GB, {header['system']}, load before {header['load']}; "
        f"Python {header['python']}, {versions}; CTranslate2: {'; '.join(header['backend'])}."
    )


def plain(result: Result) -> dict[str, Any]:
    return {
        "title": result.title,
        "about": result.about,
        "header": {**asdict(result.header), "backend": list(result.header.backend)},
        "rows": [_plain_row(row) for row in result.rows],
    }


def _plain_row(row: Row) -> dict[str, Any]:
    return {
        **asdict(row),
        "goal": None if row.goal is None else str(row.goal),
        "verdict": row.verdict.value,
    }

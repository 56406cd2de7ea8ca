"""Results as a table for the terminal, as JSON, and as the generated section of docs/benchmarks.md."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.machine import ROOT, Header
from benchmarks.measure import BUSY, ENOUGH, NOISY, Row, Verdict

START, END = "<!-- bench:start -->", "<!-- bench:end -->"
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
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


def save(results: Sequence[Result], file: Path = RESULTS) -> dict[str, Any]:
    """Puts `results` in place of the same benchmarks' earlier ones; the others stay. Returns all of them."""
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    stored.update({result.name: _plain(result) for result in results})
    ordered = dict(sorted(stored.items()))
    file.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return ordered


def publish(stored: Mapping[str, Any], file: Path = DOCUMENT) -> None:
    """Renews the section between the markers; adds it at the end where there is none."""
    text = file.read_text(encoding="utf-8")
    file.write_text(replaced(text, "\n".join(section(stored))), encoding="utf-8")


def replaced(text: str, body: str) -> str:
    block = f"{START}\n{body.strip()}\n{END}"
    before, found, rest = text.partition(START)
    if not found:
        return f"{text.rstrip()}\n\n{block}\n"
    return before + block + rest.partition(END)[2]


def section(stored: Mapping[str, Any]) -> Iterator[str]:
    yield "## Speed and cost"
    yield ""
    yield "Made by `make bench`. " + READING
    for name, result in stored.items():
        yield ""
        yield f"### {name}: {result['title']}"
        yield ""
        yield result["about"]
        yield ""
        yield _conditions(result["header"])
        yield ""
        yield f"| {' | '.join(HEADINGS)} |"
        yield f"|{'---|' * len(HEADINGS)}"
        for row in result["rows"]:
            yield f"| {' | '.join(_texts(row))} |"


def number(value: float) -> str:
    """Three figures that matter."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _cells(row: Row) -> tuple[str, ...]:
    return _texts(_plain_row(row))


def _texts(row: Mapping[str, Any]) -> tuple[str, ...]:
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


def _conditions(header: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in header["versions"].items())
    quick = ", quick" if header["quick"] else ""
    return (
        f"{header['date']}, commit {header['commit']}, {header['rounds']} rounds{quick}; {header['cpu']}, "
        f"{header['cores']} cores, {header['memory_gb']} GB, {header['system']}, load before {header['load']}; "
        f"Python {header['python']}, {versions}; CTranslate2: {'; '.join(header['backend'])}."
    )


def _plain(result: Result) -> dict[str, Any]:
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

"""Results kept in benchmarks/results.json and shown in the generated section of docs/benchmarks.md."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.bench.machine import ROOT
from app.bench.report import HEADINGS, READING, Result, conditions, plain, texts

START, END = "<!-- bench:start -->", "<!-- bench:end -->"
RESULTS = ROOT / "benchmarks" / "results.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"


def save(results: Sequence[Result], file: Path = RESULTS) -> dict[str, Any]:
    """Puts `results` in place of the same benchmarks' earlier ones; the others stay. Returns all of them."""
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    stored.update({result.name: plain(result) for result in results})
    kept = dict(sorted(stored.items(), key=lambda item: _number(item[0])))
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return kept


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
        yield conditions(result["header"])
        yield ""
        yield f"| {' | '.join(HEADINGS)} |"
        yield f"|{'---|' * len(HEADINGS)}"
        for row in result["rows"]:
            yield f"| {' | '.join(texts(row))} |"


def _number(name: str) -> tuple[int, str]:
    digits = re.sub(r"\D", "", name)
    return int(digits or 0), name

"""The measurements that need nothing but Dragoman. `make bench` adds those beside other programs."""

import json
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from app.bench import report
from app.bench.machine import header
from app.bench.measure import ENOUGH
from app.bench.plan import RECORDS, SEGMENTS, Plan
from app.bench.raw import MODEL
from app.errors import ConfigurationError

MODULES = {
    "B1": "app.bench.clients",
    "B2": "app.bench.interference",
    "B3": "app.bench.bulk",
    "B4": "app.bench.repeats",
    "B7": "app.bench.cost",
    "B8": "app.bench.overheads",
    "B9": "app.bench.accounting",
    "B10": "app.bench.overload",
    "B11": "app.bench.ledger",
    "B12": "app.bench.forecast",
}


def measured(name: str, plan: Plan, *, module: str) -> report.Result:
    # CTranslate2's and others' own threads would take cores from the engine's.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    found = import_module(module)
    # Before the run: afterwards the load average is our own.
    before = header(MODEL, rounds=plan.rounds, quick=plan.quick)
    return report.Result(name, found.TITLE, found.ABOUT, before, tuple(found.run(plan)))


def named(names: Sequence[str]) -> list[str]:
    """All if none are. Raises ConfigurationError for a name that is none of ours."""
    unknown = [name for name in names if name.upper() not in MODULES]
    if unknown:
        raise ConfigurationError(f"There is no benchmark {unknown[0]!a}. There are {', '.join(MODULES)}.")
    return [name.upper() for name in names] or list(MODULES)


def write(found: Mapping[str, Any], file: Path) -> None:
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def planned(
    *, quick: bool, rounds: int | None = None, segments: int | None = None, records: int | None = None
) -> Plan:
    """What is not said is as much as a verdict needs, or with `quick` as little as shows anything."""
    return Plan(
        rounds or (2 if quick else ENOUGH),
        quick=quick,
        segments=segments or (1_000 if quick else SEGMENTS),
        records=records or (50_000 if quick else RECORDS),
    )

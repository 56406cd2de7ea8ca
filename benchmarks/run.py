"""Runs the benchmarks: `python -m benchmarks.run [B1 B5 …] [--rounds 5] [--quick]`.

Prints a table; a full run also writes benchmarks/results.json and the generated section of docs/benchmarks.md.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

os.environ.setdefault("OMP_NUM_THREADS", "1")
# Started as a file, Python puts this folder first instead of the checkout.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from rich.console import Console  # noqa: E402  after the path is right

from benchmarks import report  # noqa: E402
from benchmarks.machine import header  # noqa: E402
from benchmarks.measure import ENOUGH  # noqa: E402
from benchmarks.plan import RECORDS, SEGMENTS, Plan  # noqa: E402
from benchmarks.raw import MODEL  # noqa: E402

MODULES = {
    "B1": "clients",
    "B2": "interference",
    "B3": "bulk",
    "B4": "repeats",
    "B5": "libretranslate",
    "B6": "huggingface",
    "B7": "cost",
    "B8": "overheads",
    "B9": "accounting",
    "B10": "overload",
}


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    plan = _plan(given)
    console = Console(width=max(120, Console().width), highlight=False)
    results = []
    for name in given.names or MODULES:
        results.append(_run(name, plan))
        console.print(report.table(results[-1]))
    if given.write or not given.quick:
        report.publish(report.save(results))
        console.print(f"Written: {report.RESULTS}, {report.DOCUMENT}")
    return 0


def _run(name: str, plan: Plan) -> report.Result:
    module = import_module(f"benchmarks.{MODULES[name]}")
    # Before the run: afterwards the load average is our own.
    before = header(MODEL, rounds=plan.rounds, quick=plan.quick)
    return report.Result(name, module.TITLE, module.ABOUT, before, tuple(module.run(plan)))


def _plan(given: argparse.Namespace) -> Plan:
    rounds = given.rounds or (2 if given.quick else ENOUGH)
    segments = given.segments or (1_000 if given.quick else SEGMENTS)
    records = given.records or (50_000 if given.quick else RECORDS)
    return Plan(rounds, quick=given.quick, segments=segments, records=records)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MODULES], metavar="NAME", help=", ".join(MODULES))
    parser.add_argument("--rounds", type=int, help=f"{ENOUGH} unless --quick")
    parser.add_argument("--quick", action="store_true", help="2 small rounds, no verdicts, nothing written")
    parser.add_argument("--write", action="store_true", help="write the files even so")
    parser.add_argument("--segments", type=int, help=f"distinct segments of B3 ({SEGMENTS:,})")
    parser.add_argument("--records", type=int, help=f"records of B3's memory test ({RECORDS:,})")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""Fit the calibration of language detection and report its accuracy, on FLORES-101.

    python -m benchmarks.detection_calibration --flores ../shared/data/flores

Lines are numbered from 1. Even lines, whole and as slices of 1-3 and 4-8 words (signs, where a script has no
spaces), fit a conditional logit by Newton's method in plain numpy; odd lines are held back for the report. The
logit goes to app/detection/calibration.json (numbers only, no sentence), the report to standard output as
Markdown. Slices are drawn with a fixed seed: two runs give the same file. `--report` skips the fit.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.detection_fit import fit_all
from benchmarks.detection_report import report

STORED = Path(__file__).parents[1] / "app" / "detection" / "calibration.json"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flores", type=Path, required=True)
    parser.add_argument("--report", action="store_true", help="only report on what is checked in")
    arguments = parser.parse_args()
    started = time.perf_counter()
    if not arguments.report:
        STORED.write_text(json.dumps(fit_all(arguments.flores), indent=1) + "\n", encoding="utf-8")
    print(f"fit: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    print(report(arguments.flores))
    print(f"all: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

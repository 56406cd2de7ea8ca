"""Runs the benchmarks: `python -m benchmarks.run [B1 B5 …] [--rounds 5] [--quick]`.

Prints a table; a full run also writes benchmarks/results.json and the generated section of docs/benchmarks.md. Those
that need nothing but Dragoman are also `dragoman bench run`.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# Started as a file, Python puts this folder first instead of the checkout.
sys.path[0] = str(Path(__file__).resolve().parents[1])
os.environ.setdefault("DRAGOMAN_DATA_DIR", str(Path(sys.path[0]) / ".cache"))

from rich.console import Console  # noqa: E402  after the path is right

from app.bench import corpus, report, suite  # noqa: E402
from app.bench.measure import ENOUGH  # noqa: E402
from app.bench.plan import RECORDS, SEGMENTS  # noqa: E402
from benchmarks import publish, texts  # noqa: E402

PEERS = {"B5": "benchmarks.libretranslate", "B6": "benchmarks.huggingface"}
MODULES = dict(sorted((suite.MODULES | PEERS).items(), key=lambda item: int(item[0][1:])))


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    plan = suite.planned(
        quick=given.quick, rounds=given.rounds, segments=given.segments, records=given.records
    )
    corpus.prefer(texts.evaluation, texts.distilled)
    console = Console(width=max(120, Console().width), highlight=False)
    for name in given.names or MODULES:
        result = suite.measured(name, plan, module=MODULES[name])
        console.print(report.table(result))
        if given.write or not given.quick:
            # One by one: whoever stops a long run keeps what is done.
            publish.publish(publish.save([result]))
    if given.write or not given.quick:
        console.print(f"Written: {publish.RESULTS}, {publish.DOCUMENT}")
    return 0


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

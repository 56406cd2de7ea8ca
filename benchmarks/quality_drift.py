"""How often the quality report cries wolf, and what it notices: `python -m benchmarks.quality_drift`.

Reports of ten routes with six flags each, seven days against 28, in which nothing changed, and in which one flag of one
route doubled. Days have lognormal sizes; `alike` is the correlation of two segments of a day. The numbers are made:
nothing is translated.
"""

import numpy as np

from app.quality.drift import Figure, Verdict, figures, judged
from app.quality.statistics import Day

REPORTS = 400
ROUTES = 10
RATES = (0.001, 0.003, 0.01, 0.02, 0.05, 0.1)
SIZES = (200, 2_000)
ALIKE = (0.0, 0.001, 0.005, 0.02)
WATCHED = 3
"""Number of the flag that doubles."""


def main() -> None:
    dice = np.random.default_rng(1)
    print(
        "| segments a day | alike | false alarms | said of a flag of 2 %: no drift / too few | doubled: found |"
    )
    print("|---|---|---|---|---|")
    for size in SIZES:
        for alike in ALIKE:
            print(_line(dice, size, alike))


def _line(dice: np.random.Generator, size: int, alike: float) -> str:
    quiet = [_report(dice, size, alike, factor=1) for _ in range(REPORTS)]
    loud = [_report(dice, size, alike, factor=2) for _ in range(REPORTS)]
    alarms = sum(any(each.verdict is Verdict.DRIFT for each in found) for found in quiet) / REPORTS
    said = [found[WATCHED].verdict for found in quiet]
    none, few = said.count(Verdict.NO_DRIFT) / REPORTS, said.count(Verdict.TOO_FEW) / REPORTS
    found = sum(each[WATCHED].verdict is Verdict.DRIFT for each in loud) / REPORTS
    return f"| {size:,} | {alike} | {alarms:.1%} | {none:.0%} / {few:.0%} | {found:.0%} |"


def _report(dice: np.random.Generator, size: int, alike: float, *, factor: float) -> list[Figure]:
    return judged(
        [each for route in range(ROUTES) for each in _route(dice, size, alike, factor if route == 0 else 1)]
    )


def _route(dice: np.random.Generator, size: int, alike: float, factor: float) -> list[Figure]:
    sizes = np.maximum(1, np.rint(size * np.exp(dice.normal(0, 0.5, 35)))).astype(int)
    now, before = {}, {}
    for number, rate in enumerate(RATES):
        after = rate * factor if number == WATCHED else rate
        now[str(number)] = _days(dice, sizes[:7], after, alike)
        before[str(number)] = _days(dice, sizes[7:], rate, alike)
    return figures(now, before)


def _days(dice: np.random.Generator, sizes: np.ndarray, rate: float, alike: float) -> list[Day]:
    strength = 1 / alike - 1 if alike else 0.0
    own = dice.beta(rate * strength, (1 - rate) * strength, len(sizes)) if alike else rate
    hits = dice.binomial(sizes, own)
    return [Day(int(n), int(count), int(count)) for n, count in zip(sizes, hits, strict=True)]


if __name__ == "__main__":
    main()

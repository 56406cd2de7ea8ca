"""Samples, rounds and verdicts. Pure arithmetic: nothing here reads a clock or starts a process."""

import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

NOISY = 1.5
"""Largest ÷ smallest ratio over the rounds above which no verdict is given (PERFORMANCE.md, section 4)."""
BUSY = 0.15
"""Share of the machine's CPU time that went to strangers above which no verdict is given."""
ENOUGH = 5
"""Rounds below which no verdict is given."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one contender."""

    units: float
    """Work done: source characters, unless the row says otherwise."""
    wall: float
    """Seconds."""
    cpu: float
    """CPU-seconds of the contender's process tree; the load generator is not part of it."""
    foreign: float = 0.0
    """Share of the machine that went to processes of others meanwhile."""

    @property
    def per_cpu(self) -> float:
        return self.units / self.cpu

    @property
    def per_wall(self) -> float:
        return self.units / self.wall


Samples = Mapping[str, Sequence[Sample]]


class Verdict(Enum):
    MET = "met"
    MISSED = "missed"
    NONE = "no verdict"
    """Too few rounds, too much spread, or a busy machine; the note says which."""
    MEASURED = "measured"
    """There is no goal."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Goal:
    bound: float
    at_least: bool

    def holds(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


def at_least(bound: float) -> Goal:
    return Goal(bound, at_least=True)


def at_most(bound: float) -> Goal:
    return Goal(bound, at_least=False)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: float | None
    """Median over the rounds; None where skipped."""
    unit: str
    goal: Goal | None
    verdict: Verdict
    spread: float | None
    """Largest ÷ smallest of the rounds."""
    wall: float | None = None
    """The same ratio by wall time, where `value` is by CPU time."""
    note: str = ""
    rounds: int = 0
    foreign: float = 0.0


def spread(values: Sequence[float]) -> float:
    """Largest ÷ smallest; infinite where that has no meaning."""
    return max(values) / min(values) if min(values) > 0 else float("inf")


def interleave(names: Sequence[str], *, rounds: int, seed: int) -> Iterator[str]:
    """Every name once a round, in an order of its own each round, so that drift hits all alike."""
    shuffler = random.Random(seed)  # noqa: S311  an order, not a secret
    for _ in range(rounds):
        order = list(names)
        shuffler.shuffle(order)
        yield from order


def collect(
    contenders: Mapping[str, Callable[[], Sample]], *, rounds: int, seed: int, warm: bool = True
) -> Samples:
    """`rounds` interleaved runs; before them, unless `warm` is off, one each that is thrown away."""
    for run in contenders.values() if warm else ():
        run()
    samples: dict[str, list[Sample]] = {name: [] for name in contenders}
    for name in interleave(list(contenders), rounds=rounds, seed=seed):
        samples[name].append(contenders[name]())
    return samples


def ratios(over: Sequence[Sample], under: Sequence[Sample], *, by: str = "per_cpu") -> list[float]:
    """Round by round, so that what slowed a whole round down cancels out."""
    return [getattr(a, by) / getattr(b, by) for a, b in zip(over, under, strict=True)]


def compare(name: str, samples: Samples, over: str, under: str, *, goal: Goal | None, note: str = "") -> Row:
    """The row of `over` ÷ `under`, by CPU time, with the wall time beside it."""
    walls = ratios(samples[over], samples[under], by="per_wall")
    foreign = strangers(samples[over], samples[under])
    values = ratios(samples[over], samples[under])
    return row(name, values, goal=goal, foreign=foreign, note=note, wall=statistics.median(walls))


def row(
    name: str,
    values: Sequence[float],
    *,
    unit: str = "×",
    goal: Goal | None = None,
    foreign: float = 0.0,
    note: str = "",
    wall: float | None = None,
) -> Row:
    """The row of one value a round; judged where judging is fair."""
    value, width = statistics.median(values), spread(values)
    doubts = "" if goal is None else doubt(len(values), width, foreign)
    verdict = _verdict(value, goal, doubts)
    return Row(
        name,
        value,
        unit,
        goal,
        verdict,
        width,
        wall=wall,
        note="; ".join(part for part in (note, doubts) if part),
        rounds=len(values),
        foreign=foreign,
    )


def once(name: str, value: float, *, unit: str, goal: Goal | None = None, note: str = "") -> Row:
    """The row of something that comes out alike every time, or too slow to repeat: no clock decides it."""
    return Row(name, value, unit, goal, _verdict(value, goal, ""), None, note=note, rounds=1)


def skipped(name: str, why: str, *, goal: Goal | None = None) -> Row:
    return Row(name, None, "", goal, Verdict.SKIPPED, None, note=why)


def strangers(*runs: Sequence[Sample]) -> float:
    """Median share of the machine that others took during these runs."""
    return statistics.median(sample.foreign for run in runs for sample in run)


def doubt(rounds: int, width: float, foreign: float) -> str:
    """Why the figures cannot be judged; empty where they can."""
    if rounds < ENOUGH:
        return f"{rounds} rounds of {ENOUGH}"
    if foreign > BUSY:
        return f"others took {foreign:.0%} of the machine"
    return f"spread {width:.2f}" if width > NOISY else ""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def _verdict(value: float, goal: Goal | None, doubts: str) -> Verdict:
    if goal is None:
        return Verdict.MEASURED
    if doubts:
        return Verdict.NONE
    return Verdict.MET if goal.holds(value) else Verdict.MISSED

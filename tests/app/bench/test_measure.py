import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bench.measure import (
    BUSY,
    ENOUGH,
    NOISY,
    Sample,
    Verdict,
    at_least,
    at_most,
    collect,
    compare,
    doubt,
    interleave,
    once,
    percentile,
    ratios,
    row,
    skipped,
    spread,
)

positive = st.floats(min_value=1e-3, max_value=1e6)


def steady(cpu: float, *, wall: float = 1.0, foreign: float = 0.0) -> list[Sample]:
    return [Sample(100, wall, cpu, foreign)] * ENOUGH


@given(st.lists(positive, min_size=1))
def test_spread_is_at_least_one_and_blind_to_order(values: list[float]) -> None:
    assert spread(values) >= 1
    assert spread(values) == spread(values[::-1])


def test_spread_over_nothing_is_infinite() -> None:
    assert spread([0.0, 1.0]) == float("inf")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True), st.integers(1, 5), st.integers())
def test_every_round_runs_everyone_once(names: list[str], rounds: int, seed: int) -> None:
    order = list(interleave(names, rounds=rounds, seed=seed))
    for start in range(0, len(order), len(names)):
        assert sorted(order[start : start + len(names)]) == sorted(names)
    assert len(order) == rounds * len(names)


def test_the_order_is_the_seeds_and_changes_from_round_to_round() -> None:
    names = list("abcdef")
    order = list(interleave(names, rounds=4, seed=1))
    assert order == list(interleave(names, rounds=4, seed=1))
    assert order != list(interleave(names, rounds=4, seed=2))
    assert order[:6] != order[6:12]


def test_the_warming_run_is_thrown_away() -> None:
    clock = iter(range(1, 100))
    samples = collect({"a": lambda: Sample(next(clock), 1, 1)}, rounds=3, seed=0)
    assert [sample.units for sample in samples["a"]] == [2, 3, 4]
    cold = collect({"a": lambda: Sample(next(clock), 1, 1)}, rounds=1, seed=0, warm=False)
    assert [sample.units for sample in cold["a"]] == [5]


def test_a_ratio_is_taken_round_by_round() -> None:
    slow_round = [Sample(100, 1, 1), Sample(100, 1, 3)]
    slow_too = [Sample(100, 1, 2), Sample(100, 1, 6)]
    assert ratios(slow_round, slow_too) == [2, 2]


def test_a_comparison_keeps_cpu_and_wall_apart() -> None:
    samples = {"ours": steady(1.0, wall=4.0), "theirs": steady(2.0, wall=2.0)}
    got = compare("x", samples, "ours", "theirs", goal=at_least(1.5))
    assert (got.value, got.wall, got.verdict) == (2.0, 0.5, Verdict.MET)


@pytest.mark.parametrize(
    ("goal", "value", "verdict"),
    [
        (at_least(0.85), 0.85, Verdict.MET),
        (at_least(0.85), 0.84, Verdict.MISSED),
        (at_most(2), 2.0, Verdict.MET),
        (at_most(2), 2.1, Verdict.MISSED),
        (None, 2.1, Verdict.MEASURED),
    ],
)
def test_verdicts(goal: object, value: float, verdict: Verdict) -> None:
    assert row("x", [value] * ENOUGH, goal=goal).verdict is verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "foreign", "why"),
    [
        ([2.0] * (ENOUGH - 1), 0.0, f"4 rounds of {ENOUGH}"),
        ([1.0, 1.0, 1.0, 1.0, NOISY + 0.1], 0.0, "spread 1.60"),
        ([2.0] * ENOUGH, BUSY + 0.1, "others took 25% of the machine"),
    ],
)
def test_no_verdict_where_it_would_be_unfair(values: list[float], foreign: float, why: str) -> None:
    got = row("x", values, goal=at_least(0.1), foreign=foreign)
    assert got.verdict is Verdict.NONE
    assert why in got.note


def test_no_doubt_at_the_limits() -> None:
    assert doubt(ENOUGH, NOISY, BUSY) == ""


def test_the_median_is_reported() -> None:
    assert row("x", [1.0, 9.0, 2.0]).value == 2.0


def test_skipped_says_why_and_has_no_figure() -> None:
    got = skipped("x", "not installed", goal=at_least(5))
    assert (got.value, got.verdict, got.note) == (None, Verdict.SKIPPED, "not installed")


@given(st.lists(positive, min_size=1), st.sampled_from([0.5, 0.95, 1.0]))
def test_a_percentile_is_one_of_the_values_and_covers_its_share(values: list[float], share: float) -> None:
    got = percentile(values, share)
    assert got in values
    assert sum(value <= got for value in values) >= share * len(values) - 1e-9


def test_known_percentiles() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert (percentile(hundred, 0.5), percentile(hundred, 0.95), percentile([7.0], 0.95)) == (50, 95, 7)


def test_what_no_clock_decides_is_judged_at_once() -> None:
    got = once("x", 19.0, unit="MB", goal=at_most(20))
    assert (got.verdict, got.spread, got.rounds) == (Verdict.MET, None, 1)

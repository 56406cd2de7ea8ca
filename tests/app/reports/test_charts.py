from hypothesis import given
from hypothesis import strategies as st

from app.reports.charts import Column, chart, nice

sizes = st.integers(min_value=0, max_value=10**15).map(float)


@given(st.lists(st.tuples(sizes, sizes), max_size=40))
def test_bars_stay_within_and_are_to_scale(found: list[tuple[float, float]]) -> None:
    drawn = chart([Column(str(n), (("a", a), ("b", b))) for n, (a, b) in enumerate(found)])
    assert all(bar.y >= 0 and bar.x + bar.width <= drawn.width + 1e-6 for bar in drawn.bars)
    top = max((a + b for a, b in found), default=0.0)
    tallest = sum(
        bar.height for bar in drawn.bars if bar.x == max(drawn.bars, key=lambda each: each.height).x
    )
    assert tallest <= drawn.base + 1e-6
    assert drawn.ticks[-1].value >= top * (1 - 1e-5)


@given(st.floats(min_value=1e-9, max_value=1e15))
def test_steps_are_round_and_not_much_larger(step: float) -> None:
    assert step * (1 - 1e-5) <= nice(step) <= step * 2.51


def test_corrections_are_not_drawn_below_the_base() -> None:
    assert chart([Column("day", (("cost", -3.0),))]).bars == ()

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.offsets import Offsets

TEXT = st.text(st.sampled_from("aAbß$£ .,é中İ\u00ad"), max_size=24)


@pytest.mark.parametrize(
    ("before", "after", "part", "expected"),
    [
        ("the car", "the car", "car", "car"),
        (" the car ", "the car", "car", "car"),
        ("costs $ 40 now", "costs £40 now", "now", "now"),
        ("costs $40 now", "costs £40 now", "$40", "£40"),
        ("costs $40 now", "costs £40 now", "40", "40"),
        ("red car", "RED CAR", "car", "CAR"),
        ("große straße hier", "GROSSE STRASSE HIER", "straße", "STRASSE"),
        ("wait... then go", "wait… then go", "then", "then"),
        ("a - b - c", "a — b — c", "b", "b"),
    ],
)
def test_a_word_is_found_where_the_text_was_changed(
    before: str, after: str, part: str, expected: str
) -> None:
    start = before.index(part)
    low, high = Offsets(before, after).span(start, start + len(part))
    assert after[low:high] == expected


@given(TEXT, TEXT, st.integers(0, 23), st.integers(1, 24))
def test_every_range_stays_in_the_text(before: str, after: str, start: int, size: int) -> None:
    end = min(start + size, len(before))
    if start < end:
        low, high = Offsets(before, after).span(start, end)
        assert 0 <= low <= high <= len(after)


@given(TEXT, TEXT)
def test_ranges_keep_their_order(before: str, after: str) -> None:
    offsets = Offsets(before, after)
    found = [offsets.span(at, at + 1) for at in range(len(before))]
    assert found == sorted(found)

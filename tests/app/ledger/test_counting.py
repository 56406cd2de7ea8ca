import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.counting import Counts, count


@pytest.mark.parametrize(
    ("text", "characters", "utf16_units", "utf8_bytes"),
    [
        ("", 0, 0, 0),
        (" \r\n\t", 4, 4, 4),
        ("é", 1, 1, 2),
        ("e\u0301", 2, 2, 3),  # not normalised
        ("👮🏽\u200d♀️", 5, 7, 17),
        ("\x00\u200f", 2, 2, 4),
        ("\ud800", 1, 1, 3),
    ],
)
def test_what_is_counted(text: str, characters: int, utf16_units: int, utf8_bytes: int) -> None:
    assert count(text) == Counts(characters, characters, utf16_units, utf8_bytes)


@given(st.text(), st.text())
def test_counting_in_parts_is_counting_the_whole(first: str, second: str) -> None:
    assert count(first) + count(second) == count(first + second)


@given(st.text(st.characters(codec="utf-8")))
def test_bytes_and_units_are_those_of_the_encodings(text: str) -> None:
    counts = count(text)
    assert counts.utf8_bytes == len(text.encode())
    assert counts.utf16_units == sum(2 if ord(character) > 0xFFFF else 1 for character in text)

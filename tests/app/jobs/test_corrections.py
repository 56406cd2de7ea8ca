"""Corrections put into what was delivered: the words, and the tags round those that were left."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.nesting import faults
from app.jobs.corrections import corrected
from app.jobs.results import unit_of

SOURCE = "O gato dorme. A gata come."
SEGMENTS = [
    {"start": 0, "end": 13, "text": "The cat sleeps."},
    {"start": 14, "end": 26, "text": "The cat eats."},
]
DELIVERED = "The cat sleeps. The cat eats."


def stored(*tags: Sequence[Any]) -> list[Any]:
    return [SOURCE, "line 1", None, [*tags]]


def result(*tags: list[int]) -> dict[str, Any]:
    return {"text": DELIVERED, "tags": [*tags], "segments": SEGMENTS}


def test_one_of_two() -> None:
    assert corrected(stored(), result(), {1: "She eats."})["text"] == "The cat sleeps. She eats."
    assert corrected(stored(), result(), {}) == result()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({1: "The tabby eats."}, "cat"),
        ({0: "Our cat is asleep."}, "cat"),
        ({0: "The tomcat sleeps."}, "tomcat"),
    ],
)
def test_a_tag_stays_with_its_word(texts: dict[int, str], expected: str) -> None:
    found = corrected(stored(["pair", 2, 6, "b", None]), result([4, 7]), texts)
    assert [found["text"][start:end] for start, end in found["tags"]] == [expected]


def test_kept_text_is_there_in_any_case() -> None:
    found = corrected(stored(["kept", 2, 6, "code", None]), result([4, 8]), {0: "It sleeps."})
    assert [found["text"][start:end] for start, end in found["tags"]] == ["gato"]


def test_what_had_not_been_translated() -> None:
    untouched = [
        {"start": start, "end": end, "text": SOURCE[start:end]} for start, end in ((0, 13), (14, 26))
    ]
    left = {"text": None, "tags": [], "segments": untouched}
    assert corrected(stored(), left, {0: "The cat sleeps."})["text"] == "The cat sleeps. A gata come."


places = st.tuples(st.integers(0, len(DELIVERED)), st.integers(0, len(DELIVERED))).map(sorted)


@given(places, st.dictionaries(st.integers(0, 1), st.text(min_size=1, max_size=40).filter(str.strip)))
def test_tags_are_valid_whatever_was_written(place: list[int], texts: dict[int, str]) -> None:
    tags = [["pair", 0, len(SOURCE), "i", None], ["pair", 2, 6, "b", 0]]
    found = corrected(stored(*tags), result([0, len(DELIVERED)], place), texts)
    moved = [
        replace(tag, start=start, end=end)
        for tag, (start, end) in zip(unit_of(stored(*tags)).tags, found["tags"], strict=True)
    ]
    assert [*faults(found["text"], moved)] == []
    assert all(text.strip() in found["text"] for text in texts.values())

"""What holds words, decided the short way and the long way alike."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.detection.identifiers import strip_identifiers
from app.plan import has_words

PIECES = [
    "AB12 CDE", "ab12 cde", "AA-12-BB", "a12 the", "abc 12d", "REF-2024/113", "aGk9+/=", "@handle", "#tagging",
    "ana@example.org", "www.", "https://", "example.org", "C:\\folder", "word", "WORD", "Text", "a", "the", "\u017f",
    "é",
    "½½½½", "x" * 23, "x" * 24, "aBcDeF" * 4, "12345", "9f8a-3c2d-beef", ".", ",", "-", "_", "\n", "\xa0", "\t", "  ",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.just(" "), st.text(max_size=5)), max_size=12).map(
    "".join
)


@given(st.one_of(TEXTS, st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)))
@example("KX65 TRV 07700 900123")
@example("aBcDeFgHiJkLmNoPqRsTuVwX")
def test_words_are_what_is_left_without_identifiers(text: str) -> None:
    assert has_words(text) == any(map(str.isalpha, strip_identifiers(text)))


@pytest.mark.parametrize(
    ("text", "words"),
    [("Bom dia", True), ("sim", True), ("KX65 TRV", False), ("£40, 12:30", False), ("", False)],
)
def test_has_words(text: str, *, words: bool) -> None:
    assert has_words(text) is words

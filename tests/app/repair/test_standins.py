import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.repair.standins import hide

pieces = st.sampled_from(
    ["Pay", "£1.700,50", "14h35", "AB12 CDE", "joe@example.org", "(61)", "62", "R$ 5", "x", ","]
)


@given(st.lists(pieces, max_size=12).map(" ".join))
def test_what_is_hidden_comes_back_to_the_letter(text: str) -> None:
    hidden = hide(text)
    assert hidden is None or hidden.shown(hidden.text) == text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Pague £1.700,50 até 3 de maio.", "Pague (61) até (62) de maio."),
        ("Ligue para joe@example.org, carro AB12 CDE.", "Ligue para (61), carro (62)."),
        ("The box holds 61 pens, not 62.", "The box holds (63) pens, not (64)."),
        ("20 pounds each", "(61) pounds each"),
    ],
)
def test_what_the_model_sees(text: str, seen: str) -> None:
    hidden = hide(text)
    assert hidden is not None
    assert hidden.text == seen


def test_words_alone_hide_nothing() -> None:
    assert hide("Nothing to hide here.") is None
    assert hide(" ".join(map(str, range(40)))) is None


@pytest.mark.parametrize(
    "answer", ["Pay by May.", "Pay (61) by (61) May.", "Pay (61) by (63) May.", "Pay (61) by (62) (62)."]
)
def test_a_stand_in_that_is_lost_or_doubled_gives_nothing(answer: str) -> None:
    hidden = hide("Pague £40 até 3 de maio.")
    assert hidden is not None
    assert hidden.shown(answer) is None


def test_stand_ins_may_change_places() -> None:
    hidden = hide("A 1 e B 2")
    assert hidden is not None
    assert hidden.shown("B ( 62 ) and A (61)") == "B 2 and A 1"

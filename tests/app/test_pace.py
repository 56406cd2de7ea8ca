"""What is taken for the number of tokens where no model is at hand."""

import pytest

from app.cli.budgets import segments
from app.pace import PIECES, pieces


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("a", 2), ("letter", 2), ("letters", 3), ("Bom dia.", 4), ("東京駅", 4), ("14:35", 4)],
)
def test_a_piece_for_every_six_letters_begun(text: str, count: int) -> None:
    assert pieces(text) == count


@pytest.mark.parametrize("language", ["pt", "en"])
def test_the_density_is_that_of_the_built_in_sentences(language: str) -> None:
    texts = segments(language, 512)
    assert sum(map(pieces, texts)) / sum(map(len, texts)) == pytest.approx(PIECES, rel=0.04)

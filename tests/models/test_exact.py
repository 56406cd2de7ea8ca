"""`DRAGOMAN_STRICT_REPRODUCIBLE`: no answer depends on its neighbours, in any arithmetic, by any beam."""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import Catalogue
from models.contracts import Decoding, EngineOptions, LanguagePair, TokenizedSegment, Translation
from models.exact import calls, may_share
from models.marian import MarianBackend

MESSAGES = Path(__file__).parents[2] / "examples" / "messages.jsonl"
PAIR = LanguagePair("pt", "en")
MODES = [("int8", 1), ("int8", 4), ("float32", 1), ("float32", 4)]


@given(st.lists(st.integers(1, 6), max_size=40), st.booleans())
def test_every_segment_is_called_once_beside_none_that_could_touch_it(
    lengths: list[int], shared: bool
) -> None:
    made = calls(lengths, shared=shared)

    assert sorted(position for call in made for position in call) == list(range(len(lengths)))
    assert all(len({lengths[position] for position in call}) == 1 for call in made)
    assert len(made) == (len(set(lengths)) if shared else len(lengths))


@pytest.mark.parametrize(
    ("compute_type", "beam_size", "expected"),
    [
        ("int8", 1, True),
        ("int8_float32", 1, True),
        ("int8_float32", 2, False),
        ("int16", 1, False),
        ("float32", 1, False),
    ],
)
def test_only_exact_arithmetic_without_a_beam_lets_segments_share_a_call(
    compute_type: str, beam_size: int, expected: bool
) -> None:
    assert may_share(compute_type, beam_size=beam_size) is expected


class Counting(MarianBackend):
    """Remembers the lengths that each engine call held."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.seen: list[list[int]] = []

    def _call(self, batch: Sequence[TokenizedSegment], decoding: Decoding) -> list[Translation]:
        self.seen.append([segment.length for segment in batch])
        return super()._call(batch, decoding)


@pytest.fixture(params=MODES, ids=lambda mode: f"{mode[0]} beam {mode[1]}")
def strict(request: pytest.FixtureRequest, starter_catalogue: Catalogue) -> Iterator[Counting]:
    compute_type, beam_size = request.param
    card = starter_catalogue.card("starter-pt-en")
    assert card is not None
    backend = Counting(card, EngineOptions(2, compute_type, beam_size, strict=True))
    yield backend
    backend.close()


def test_a_longer_neighbour_would_spare_nothing(strict: Counting) -> None:
    assert [strict.snug(length) for length in range(1, 100)] == list(range(1, 100))


def sentences(count: int) -> list[str]:
    records = map(json.loads, MESSAGES.read_text(encoding="utf-8").splitlines())
    return [each["text"] for each in records if each["language"] == "pt" and len(each["text"]) < 90][:count]


def test_answers_in_company_are_those_alone(strict: Counting) -> None:
    segments = strict.tokenize(sentences(24), PAIR)
    order = random.Random(5).sample(range(len(segments)), len(segments))  # noqa: S311  any order will do
    alone = [strict.translate([segment])[0] for segment in segments]
    strict.seen.clear()

    together = strict.translate([segments[index] for index in order])

    assert together == [alone[index] for index in order]
    assert all(len(set(lengths)) == 1 for lengths in strict.seen)
    assert sum(map(len, strict.seen)) == len(segments)


def test_nothing_in_is_nothing_out(strict: Counting) -> None:
    assert strict.translate([]) == []

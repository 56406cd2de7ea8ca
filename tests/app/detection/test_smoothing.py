import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.detection.smoothing import smooth

LANGUAGES = 4
row = st.lists(st.floats(0, 1), min_size=LANGUAGES + 1, max_size=LANGUAGES + 1)
document = st.lists(st.tuples(row, st.integers(0, 5_000)), min_size=1, max_size=12)


def _arrays(pairs: list[tuple[list[float], int]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = np.array([r for r, _ in pairs])
    letters = np.array([n for _, n in pairs], dtype=np.float64)
    probabilities = rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9)
    return probabilities[:, :-1], letters


@given(document)
def test_probabilities_stay_probabilities(pairs: list[tuple[list[float], int]]) -> None:
    own, letters = _arrays(pairs)
    smoothed = smooth(own, letters)
    assert smoothed.shape == own.shape
    assert (smoothed >= 0).all()
    assert (smoothed.sum(axis=1) <= 1 + 1e-9).all()
    assert np.isfinite(smoothed).all()


@given(document)
def test_what_is_not_language_neither_gives_nor_receives(pairs: list[tuple[list[float], int]]) -> None:
    own, letters = _arrays(pairs)
    smoothed = smooth(own, letters)
    silent = letters == 0
    assert (smoothed[silent] == own[silent]).all()
    noisy = own.copy()
    noisy[silent] = 1.0 / LANGUAGES
    assert np.allclose(smooth(noisy, letters)[~silent], smoothed[~silent])


@given(row, st.integers(1, 5_000))
def test_a_segment_alone_stays_as_it_is(probabilities: list[float], letters: int) -> None:
    own, weights = _arrays([(probabilities, letters)])
    assert np.allclose(smooth(own, weights), own)


@given(document)
def test_equal_segments_agree_more_never_less(pairs: list[tuple[list[float], int]]) -> None:
    own, letters = _arrays(pairs[:1])
    if letters[0] == 0 or own[0].max() < 0.6:
        return
    smoothed = smooth(np.repeat(own, 5, axis=0), np.repeat(letters, 5))
    assert (smoothed.argmax(axis=1) == own[0].argmax()).all()
    assert smoothed.max(axis=1).min() >= own[0].max() - 1e-9


def test_a_doubtful_segment_takes_the_language_of_its_document() -> None:
    clear, doubtful = [0.97, 0.01, 0.01, 0.0], [0.1, 0.3, 0.2, 0.1]
    smoothed = smooth(np.array([clear, doubtful, clear, clear]), np.array([80.0, 3.0, 60.0, 90.0]))
    assert smoothed[1].argmax() == 0
    assert smoothed[1, 0] > 0.8


def test_a_clear_foreign_segment_keeps_its_own() -> None:
    host, guest = [0.97, 0.01, 0.01, 0.0], [0.0005, 0.999, 0.0, 0.0]
    smoothed = smooth(np.array([host, host, guest, host, host]), np.full(5, 200.0))
    assert smoothed[2].argmax() == 1
    assert smoothed[2, 1] > 0.9


def test_neighbours_count_for_more_than_the_far_end() -> None:
    a, b, open_question = [0.95, 0.02, 0.0, 0.0], [0.02, 0.95, 0.0, 0.0], [0.2, 0.2, 0.0, 0.0]
    rows = np.array([a, a, a, open_question, a, b, b, b, open_question, b])
    smoothed = smooth(rows, np.full(len(rows), 30.0))
    assert smoothed[3].argmax() == 0
    assert smoothed[8].argmax() == 1


@pytest.mark.parametrize("count", [2, 3])
def test_documents_shorter_than_the_neighbourhood(count: int) -> None:
    assert smooth(np.full((count, 2), 0.4), np.ones(count)).shape == (count, 2)

"""What a row of probabilities comes to: with candidates, and in order."""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

CANDIDATE_ODDS = 20.0
"""A caller who narrows the candidates says that the text is one of them, and is believed 20 to 1: enough to
settle a short message, not enough to make a Hungarian page Portuguese."""

_NEGLIGIBLE = 1e-4


def narrow(rows: Vector, candidates: Mask) -> Vector:
    """Shape (..., languages) in and out: Bayes with the caller's word as prior odds for the candidates."""
    odds = np.where(candidates, rows * CANDIDATE_ODDS, rows)
    nobody = np.clip(1.0 - rows.sum(axis=-1, keepdims=True), 0.0, 1.0)
    return np.asarray(odds / np.maximum(odds.sum(axis=-1, keepdims=True) + nobody, _NEGLIGIBLE))


def ranking(row: Vector, languages: tuple[str, ...], *, most: int) -> list[tuple[str, float]]:
    """Best first, equals in the order of their codes; the negligible left out."""
    best = np.argsort(-row, kind="stable")[:most]
    return [(languages[i], min(1.0, float(row[i]))) for i in best if row[i] >= _NEGLIGIBLE]

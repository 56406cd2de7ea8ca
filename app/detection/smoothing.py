"""A segment's own evidence with its document's. Pure: probabilities in, probabilities out."""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

CONVINCED_LETTERS = 20.0
"""Letters of other segments after which the document counts for half of what it can."""

LEAST_SHARE = 0.002
"""No language is held less likely than this for a segment, however uniform its document: the document turns
odds by at most 1 / LEAST_SHARE, so a sentence that is clear by itself keeps its language."""

MOST_LETTERS = 200.0
"""A long segment speaks for its document up to this."""

_NEIGHBOURS = ((1, 3.0), (2, 1.0))
"""Distance and the extra weight of segments there, beside 1 for every segment of the document."""


def smooth(own: Matrix, letters: Vector) -> Matrix:
    """Shape (segments, languages) in and out. Rows need not sum to 1: what is missing is "none of these".

    `letters` weighs each segment; a segment of weight 0 (not linguistic) gives and receives nothing.
    """
    weights = np.minimum(letters, MOST_LETTERS)[:, None]
    votes = own * weights
    around, weight_around = votes.sum(axis=0) - votes, weights.sum() - weights
    for distance, extra in _NEIGHBOURS:
        around = around + extra * _beside(votes, distance)
        weight_around = weight_around + extra * _beside(weights, distance)
    share = np.divide(around, weight_around, out=np.zeros_like(own), where=weight_around > 0)
    trust = weight_around / (weight_around + CONVINCED_LETTERS)
    prior = np.maximum(np.clip(share, 0.0, 1.0) * trust, LEAST_SHARE)
    nobody = LEAST_SHARE * np.clip(1.0 - own.sum(axis=1, keepdims=True), 0.0, 1.0)
    odds = own * prior
    smoothed = odds / np.maximum(odds.sum(axis=1, keepdims=True) + nobody, np.finfo(np.float64).tiny)
    return np.where(weights > 0, smoothed, own)


def _beside(rows: Matrix, distance: int) -> Matrix:
    """For each row the sum of the two rows `distance` before and after it."""
    total = np.zeros_like(rows)
    total[distance:] += rows[:-distance]
    total[:-distance] += rows[distance:]
    return total

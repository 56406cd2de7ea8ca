"""From the voters' scores to probabilities, by a small logistic model.

A conditional logit: every language c of a text gets w·x(c) + bias(c), the outcome "none of these" gets its own,
and the softmax over them is the answer. Its numbers come from benchmarks/detection_calibration.py.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

TYPICAL_LETTERS = 20
MOST_LETTERS = 300
_FLOOR = 1e-6
_LANGDETECT_FLOOR = 0.01
_CEILING = 0.9999

VOTE = ("py3", "py3*len", "eld", "eld*len", "top_py3", "top_py3*len", "top_eld", "top_eld*len", "both",
        "not_eld", "not_eld*len", "not_eld*eldmax")  # fmt: skip
TIE = ("ld", "ld*len", "top_ld", "top_ld*len", "not_ld", "not_ld*len")
OTHER = ("other", "other*len", "other*eldmax", "other*py3max", "other*agree")
OTHER_LANGDETECT = ("other", "other*len", "other*ldmax")


def length_of(letters: int) -> float:
    """Log length, 0 at a typical short message; flat beyond a paragraph."""
    return float(np.log(min(letters, MOST_LETTERS) / TYPICAL_LETTERS))


def vote_features(py3: Vector, eld: Vector, known_to_eld: Vector, length: float) -> Matrix:
    """Shape (languages + 1, len(VOTE) + len(OTHER)); the last row is "none of these"."""
    logs, sums = np.log(py3 + _FLOOR), -np.log1p(-np.minimum(eld, 0.999))
    top_py3, top_eld = _top(py3), _top(eld)
    unknown = 1.0 - known_to_eld
    largest = float(sums.max(initial=0.0))
    features = np.zeros((len(py3) + 1, len(VOTE) + len(OTHER)))
    columns = (logs, logs * length, sums, sums * length, top_py3, top_py3 * length, top_eld, top_eld * length,
               top_py3 * top_eld, unknown, unknown * length, unknown * largest)  # fmt: skip
    for index, column in enumerate(columns):
        features[:-1, index] = column
    agree = float((top_py3 * top_eld).sum())
    features[-1, len(VOTE) :] = (1.0, length, largest, float(logs.max()), agree)
    return features


def langdetect_features(scores: Vector, known: Vector, length: float) -> Matrix:
    """Shape (languages + 1, len(TIE)); the last row is 0."""
    logs, top, unknown = np.log(scores + _LANGDETECT_FLOOR) * known, _top(scores), 1.0 - known
    features = np.zeros((len(scores) + 1, len(TIE)))
    for index, column in enumerate((logs, logs * length, top, top * length, unknown, unknown * length)):
        features[:-1, index] = column
    return features


def langdetect_alone_features(scores: Vector, known: Vector, length: float) -> Matrix:
    """Shape (languages + 1, 4 + len(OTHER_LANGDETECT)): langdetect as the only voter."""
    features = np.zeros((len(scores) + 1, 4 + len(OTHER_LANGDETECT)))
    features[:, :4] = langdetect_features(scores, known, length)[:, :4]
    features[-1, 4:] = (1.0, length, float(np.log(scores.max(initial=0.0) + _LANGDETECT_FLOOR)))
    return features


def _top(scores: Vector) -> Vector:
    top = np.zeros(len(scores))
    if scores.any():
        top[int(scores.argmax())] = 1.0
    return top


@dataclass(frozen=True, slots=True)
class Model:
    """One fitted logit: weights over features, and a bias a language."""

    weights: Vector
    bias: dict[str, float]
    unseen_bias: float
    """For languages without a line in the data it was fitted on: less sure, never impossible."""

    def bias_over(self, languages: tuple[str, ...]) -> Vector:
        """Shape (languages + 1,); "none of these" has none."""
        return np.array([*(self.bias.get(language, self.unseen_bias) for language in languages), 0.0])

    def posterior(self, features: Matrix, bias: Vector, allowed: NDArray[np.bool_]) -> Vector:
        """Probabilities of the languages, 0 where not `allowed`; what is missing to 1 is "none of these"."""
        scores = features @ self.weights + bias
        scores[:-1][~allowed] = -np.inf
        odds = np.exp(scores - scores.max())
        return np.asarray(np.minimum(odds / odds.sum(), _CEILING)[:-1])


@dataclass(frozen=True, slots=True)
class Calibration:
    vote: Model
    tie: Model
    langdetect: Model
    tie_below: float
    """Langdetect is asked where the two disagree and their best is under this."""

    han_intercept: float
    han_slope: float
    """Log of the share of Japanese slices of n signs that hold no kana: intercept + slope * n."""

    @classmethod
    def load(cls) -> "Calibration":
        return cls.parse(json.loads(files("app.detection").joinpath("calibration.json").read_bytes()))

    @classmethod
    def parse(cls, stored: dict[str, Any]) -> "Calibration":
        def model(name: str) -> Model:
            part = stored[name]
            weights = np.array(list(part["weights"].values()))
            return Model(weights, part["bias"], part["unseen_bias"])

        return cls(
            model("vote"),
            model("tie"),
            model("langdetect"),
            stored["tie_below"],
            stored["han"]["intercept"],
            stored["han"]["slope"],
        )

    def chinese(self, signs: int) -> float:
        """Probability that ideographs without any kana are Chinese and not Japanese."""
        return float(1.0 / (1.0 + np.exp(min(0.0, self.han_intercept + self.han_slope * signs))))

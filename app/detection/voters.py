"""The identifiers behind one face: a vector of scores over one fixed order of languages.

Imported by the Detector's constructor only: py3langid and langdetect take most of a second to load. Each is
loaded once a process and only read afterwards, so threads may share them. No global setting of any of them is
touched; candidates are narrowed on the scores.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from threading import Lock
from typing import Protocol

import eldc
import numpy as np
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from app.detection.codes import base_code

Vector = NDArray[np.float64]

_LOADING = Lock()
_ELD_SCORES = 20  # as many as eldc gives


class Voter(Protocol):
    known: frozenset[str]
    """BCP 47 base codes."""

    def scores(self, text: str, order: Mapping[str, int]) -> Vector:
        """One score a language of `order`, 0 for the unknown and the unlikely; all 0 without features."""
        ...


class Py3langid:
    """Naive Bayes over byte n-grams; probabilities tempered by the text's length."""

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        self.known = frozenset(map(base_code, self._identifier.labels)) - {"zxx"}

    def scores(self, text: str, order: Mapping[str, int]) -> Vector:
        return _summed(self._identifier.rank(text), order)


class Eldc:
    """N-gram sums in C; each language's own score in 0..1, not a distribution."""

    def __init__(self) -> None:
        eldc.init()
        self._instance = eldc.instance()
        self._instance.set_scores(_ELD_SCORES)
        self.known = frozenset(map(base_code, eldc.LANGUAGES))

    def scores(self, text: str, order: Mapping[str, int]) -> Vector:
        vector = [0.0] * len(order)
        for code, score in self._instance.detect_details(text).scores.items():
            index = order.get(base_code(code))
            if index is not None:
                vector[index] = max(vector[index], score)
        return np.array(vector)


class Langdetect:
    """Naive Bayes by sampling n-grams: milliseconds a text, so asked only where the others disagree."""

    SEED = 0
    LETTERS = 600
    """Looked at; time grows with the text and the answer does not change after that."""

    def __init__(self) -> None:
        self._factory = DetectorFactory()
        self._factory.set_seed(self.SEED)
        self._factory.load_profile(PROFILES_DIRECTORY)
        self.known = frozenset(map(base_code, self._factory.get_lang_list()))

    def scores(self, text: str, order: Mapping[str, int]) -> Vector:
        detector = self._factory.create()
        detector.append(text[: self.LETTERS])
        try:
            detector.get_probabilities()
        except LangDetectException:  # no features in the text
            return np.zeros(len(order))
        # get_probabilities() itself keeps only what is over 0.1.
        return _summed(zip(detector.langlist, detector.langprob, strict=True), order)


def load(kind: Callable[[], Voter]) -> Voter:
    """The process's one instance; the lock because eldc.init() is not safe against itself."""
    with _LOADING:
        return _load(kind)


@cache
def _load(kind: Callable[[], Voter]) -> Voter:
    return kind()


def _summed(ranking: Iterable[tuple[str, float]], order: Mapping[str, int]) -> Vector:
    # A list, not an array: setting one element of an array costs as much as setting four of a list.
    vector = [0.0] * len(order)
    for code, probability in ranking:
        index = order.get(base_code(code))
        if index is not None:
            vector[index] += probability
    return np.array(vector)

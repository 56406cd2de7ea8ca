"""Detector: evidence, script, votes, calibrated probability, threshold."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from app.detection.calibration import Calibration
from app.detection.codes import base_code
from app.detection.detection import MAX_ALTERNATIVES, Detection
from app.detection.evidence import Evidence
from app.detection.odds import narrow, ranking
from app.detection.smoothing import smooth

if TYPE_CHECKING:
    from app.detection.posterior import Posterior


class Detector:
    """Safe to share between threads: nothing is written but what it loads, once."""

    def __init__(self, *, threshold: float = 0.5, engine: Literal["vote", "langdetect"] = "vote") -> None:
        self._engine = engine
        self._threshold = threshold

    def load(self) -> None:
        """Now, rather than when it is first asked: that takes half a second of processor time."""
        _ = self._posterior

    @property
    def languages(self) -> tuple[str, ...]:
        """Every code it can answer, sorted."""
        return self._posterior.languages

    def detect(self, texts: Sequence[str], *, candidates: Collection[str] | None = None) -> list[Detection]:
        """Each text on its own."""
        wanted = self._wanted(candidates)
        found = [Evidence.of(text) for text in texts]
        return [self._answer(evidence, self._row(evidence, wanted), wanted) for evidence in found]

    def detect_document(
        self, segments: Sequence[str], *, candidates: Collection[str] | None = None
    ) -> list[Detection]:
        """Segments of one document in order: what a short one leaves open, its document decides."""
        if not segments:
            return []
        wanted = self._wanted(candidates)
        found = [Evidence.of(segment) for segment in segments]
        rows = np.vstack([self._row(evidence, wanted) for evidence in found])
        letters = np.array([evidence.letters if evidence else 0 for evidence in found], dtype=np.float64)
        smoothed = smooth(rows, letters)
        return [self._answer(evidence, row, wanted) for evidence, row in zip(found, smoothed, strict=True)]

    def _wanted(self, candidates: Collection[str] | None) -> NDArray[np.bool_] | None:
        if candidates is None:
            return None
        codes = {base_code(code) for code in candidates}
        return np.array([language in codes for language in self.languages])

    def _row(self, evidence: Evidence | None, wanted: NDArray[np.bool_] | None) -> NDArray[np.float64]:
        row = self._posterior.of(evidence)
        return row if wanted is None else narrow(row, wanted)

    def _answer(
        self, evidence: Evidence | None, row: NDArray[np.float64], wanted: NDArray[np.bool_] | None
    ) -> Detection:
        if evidence is None:
            return Detection.nothing(linguistic=False)
        within = row if wanted is None else np.where(wanted, row, 0.0)
        found = ranking(within, self.languages, most=MAX_ALTERNATIVES + 1)
        return Detection.decide(found, threshold=self._threshold)

    @cached_property
    def _posterior(self) -> "Posterior":
        """Importing the identifiers takes most of that time, and the command line does not always detect.

        Two threads that are first at once make two, of the same voters.
        """
        from app.detection import posterior  # noqa: PLC0415

        calibration = Calibration.load()
        votes = posterior.VoteOfTwo if self._engine == "vote" else posterior.LangdetectAlone
        return posterior.Posterior(votes(calibration), calibration)

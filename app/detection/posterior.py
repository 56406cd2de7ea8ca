"""How probable each language is for one piece of evidence: script first, then the voters, calibrated."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.detection import calibration as cal
from app.detection.evidence import Evidence
from app.detection.scripts import SHARED, UNIQUE, Writing, marked_language, writing_of, written_in
from app.detection.voters import Eldc, Langdetect, Py3langid, Vector, Voter, load

Mask = NDArray[np.bool_]

SURE = 0.99
"""A script with one language: never quite 1, for the languages that no identifier knows."""

MARKED = 0.8
"""Yiddish and Tigrinya by their own signs; Tigrinya was right for .80 of texts (research/LIBRARIES.md)."""

UNTOLD = 0.5
"""Shared by all languages of the script for a single letter, repeated or not: nothing, until a document speaks."""

_MARKED_LANGUAGES = ("ti", "yi")


class Votes(Protocol):
    """Probabilities over `languages` in a script that several of them share."""

    languages: tuple[str, ...]

    def of(self, evidence: Evidence, allowed: Mask) -> Vector: ...


class Posterior:
    def __init__(self, votes: Votes, calibration: cal.Calibration) -> None:
        self._votes = votes
        self._calibration = calibration
        self.languages = votes.languages
        self._order = {language: index for index, language in enumerate(self.languages)}
        self._in_script = {script: self._mask(script) for script in ("Latn", *SHARED)}

    def of(self, evidence: Evidence | None) -> Vector:
        """Shape (languages,); what is missing to 1 is "none of these"."""
        if evidence is None:
            return np.zeros(len(self.languages))
        writing = writing_of(evidence.text)
        certain = self._by_script(evidence.text, writing)
        if certain is not None:
            return certain
        allowed = self._in_script.get(writing.script or "")
        if allowed is None or not allowed.any():
            return np.zeros(len(self.languages))
        if writing.distinct < 2:
            return np.where(allowed, UNTOLD / np.count_nonzero(allowed), 0.0)
        return self._votes.of(evidence, allowed) * writing.share

    def _by_script(self, text: str, writing: Writing) -> Vector | None:
        if writing.script == "Hani":
            chinese = self._calibration.chinese(writing.letters) * SURE * writing.share
            return self._only({"zh": chinese, "ja": SURE * writing.share - chinese})
        usual = UNIQUE.get(writing.script or "")
        if usual is None:
            return None
        marked = marked_language(text, writing.script or "")
        if marked is None:
            return self._only({usual: SURE * writing.share})
        return self._only({marked: MARKED * writing.share, usual: (SURE - MARKED) * writing.share})

    def _only(self, probabilities: dict[str, float]) -> Vector:
        row = np.zeros(len(self.languages))
        for language, probability in probabilities.items():
            if language in self._order:
                row[self._order[language]] = probability
        return row

    def _mask(self, script: str) -> Mask:
        return np.array([written_in(language, script) for language in self.languages])


class VoteOfTwo:
    """py3langid and eldc; langdetect where they disagree and doubt remains."""

    def __init__(self, calibration: cal.Calibration) -> None:
        self.calibration = calibration
        self.py3, self.eld, self.tie = load(Py3langid), load(Eldc), load(Langdetect)
        self.languages = _answerable(self.py3, self.eld)
        self.order = {language: index for index, language in enumerate(self.languages)}
        self.known_to_eld = _known(self.eld, self.languages)
        self.known_to_langdetect = _known(self.tie, self.languages)
        self._vote_bias = calibration.vote.bias_over(self.languages)
        self._tie_bias = calibration.tie.bias_over(self.languages)

    def of(self, evidence: Evidence, allowed: Mask) -> Vector:
        features, disagree = self.features(evidence, allowed)
        found = self.calibration.vote.posterior(features, self._vote_bias, allowed)
        if not disagree or not self.doubtful(found):
            return found
        both = np.hstack([features, self.tie_features(evidence, allowed)])
        return self.calibration.tie.posterior(both, self._tie_bias, allowed)

    def doubtful(self, found: Vector) -> bool:
        """Langdetect can help: no sure winner, and it knows both of the best."""
        best = np.argsort(found)[-2:]
        return bool(found.max() < self.calibration.tie_below and self.known_to_langdetect[best].all())

    def features(self, evidence: Evidence, allowed: Mask) -> tuple[cal.Matrix, bool]:
        """And whether the two name different languages."""
        py3 = self.py3.scores(evidence.text, self.order) * allowed
        eld = self.eld.scores(evidence.text, self.order) * allowed
        features = cal.vote_features(py3, eld, self.known_to_eld, cal.length_of(evidence.letters))
        return features, bool(py3.argmax() != eld.argmax())

    def tie_features(self, evidence: Evidence, allowed: Mask) -> cal.Matrix:
        scores = self.tie.scores(evidence.text, self.order) * allowed
        return cal.langdetect_features(scores, self.known_to_langdetect, cal.length_of(evidence.letters))


class LangdetectAlone:
    def __init__(self, calibration: cal.Calibration) -> None:
        self.calibration = calibration
        self.voter = load(Langdetect)
        self.languages = _answerable(self.voter)
        self.order = {language: index for index, language in enumerate(self.languages)}
        self.known = _known(self.voter, self.languages)
        self._bias = calibration.langdetect.bias_over(self.languages)

    def of(self, evidence: Evidence, allowed: Mask) -> Vector:
        allowed = allowed & (self.known > 0)
        return self.calibration.langdetect.posterior(self.features(evidence, allowed), self._bias, allowed)

    def features(self, evidence: Evidence, allowed: Mask) -> cal.Matrix:
        scores = self.voter.scores(evidence.text, self.order) * allowed
        return cal.langdetect_alone_features(scores, self.known, cal.length_of(evidence.letters))


def _answerable(*voters: Voter) -> tuple[str, ...]:
    known = {*_MARKED_LANGUAGES, *UNIQUE.values(), "zh"}.union(*(voter.known for voter in voters))
    scripts = ("Latn", *SHARED)
    return tuple(
        sorted(
            language
            for language in known
            if language in _MARKED_LANGUAGES
            or language == "zh"
            or language in UNIQUE.values()
            or any(written_in(language, script) for script in scripts)
        )
    )


def _known(voter: Voter, languages: tuple[str, ...]) -> Vector:
    return np.array([float(language in voter.known) for language in languages])

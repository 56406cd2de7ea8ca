"""Every installed model examined: files, card, engine, answers, speed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import measured
from models.card import ModelCard
from models.contracts import EngineOptions, ModelError
from models.probe import Probe, probe

PATIENCE = 300.0
"""Seconds that one model is given: a large one loads in some, and the machine may be busy."""
_TOLERATED = 0.1
"""Share of the built-in sentences that a good model may answer badly."""


@dataclass(frozen=True, slots=True)
class Report:
    """`faults` keep the model from being served, or served well; `remarks` are for whoever installed it."""

    card: ModelCard
    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    found: Probe

    @property
    def sound(self) -> bool:
        return not self.faults

    def body(self) -> dict[str, Any]:
        """The sentences are built-in ones, but answers may not be anybody's business: they are left out."""
        return {
            "model": self.card.id,
            "path": str(self.card.path),
            "sound": self.sound,
            "faults": list(self.faults),
            "remarks": list(self.remarks),
            "verified": bool(self.card.sha256) and self.found.fault is None,
            "load_seconds": round(self.found.load_seconds, 4),
            "memory_bytes": self.found.footprint,
            "characters_per_second": round(self.found.characters_per_second, 1),
        }


def examine(card: ModelCard, options: EngineOptions, texts: Sequence[str], *, known: bool) -> Report:
    """`known`: whether `texts` are in a language that the model reads; if not, its answers are not judged."""
    try:
        card.verify()
    except ModelError as error:
        return Report(card, (str(error),), _remarks(card), Probe(str(error)))
    found = probe(card, options, texts, seconds=PATIENCE)
    if found.fault is not None:
        return Report(card, (found.fault,), _remarks(card), found)
    remarks = list(_remarks(card))
    faults = _bad_answers(texts, found) if known else ()
    if not known:
        remarks.append(f"No sentence in {card.pairs[0].source} is built in: its answers were not judged.")
    return Report(card, faults, tuple(remarks), found)


def write(report: Report) -> Path:
    """Keeps the memory that was measured, for the service to reckon with. Raises OSError."""
    return measured.write(report.card, footprint=report.found.footprint)


def _bad_answers(texts: Sequence[str], found: Probe) -> tuple[str, ...]:
    kinds = {
        "are empty": sum(not each.text.strip() for each in found.answers),
        "do not end": sum(each.truncated for each in found.answers),
        "are what was asked": sum(
            each.text.strip() == text.strip() for text, each in zip(texts, found.answers, strict=True)
        ),
    }
    most = _TOLERATED * len(texts)
    return tuple(
        f"Self-test: {number} of {len(texts)} answers {what}."
        for what, number in kinds.items()
        if number > most
    )


def _remarks(card: ModelCard) -> tuple[str, ...]:
    missing = {
        "no checksums: nothing vouches for its files": not card.sha256,
        "no licence": card.licence == "unknown",
        "no score for any of its pairs: routes take it for a middling model": not card.scores,
        "no origin": not card.origin,
    }
    return tuple(f"Its card has {what}." for what, is_missing in missing.items() if is_missing)

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
        return {
            "model": self.card.id,
            "path": str(self.card.path),
            "sound": self.sound,
            "faults": list(self.faults),
            "remarks": list(self.remarks),
            "self_test": list(self.found.trial),
            "verified": bool(self.card.sha256) and self.found.fault is None,
            "load_seconds": round(self.found.load_seconds, 4),
            "memory_bytes": self.found.footprint,
            "characters_per_second": round(self.found.characters_per_second, 1),
        }


def examine(card: ModelCard, options: EngineOptions, texts: Sequence[str]) -> Report:
    """`texts` are what its speed is measured on; it is tried on sentences of its own languages."""
    try:
        card.verify()
    except ModelError as error:
        return Report(card, (str(error),), _remarks(card), Probe(str(error)))
    found = probe(card, options, texts, seconds=PATIENCE)
    return Report(card, tuple(filter(None, (found.fault, found.doubt))), _remarks(card), found)


def write(report: Report, options: EngineOptions) -> Path:
    """Keeps the memory that was measured with `options`, for the service to reckon with. Raises OSError."""
    return measured.write(report.card, footprint=report.found.footprint, options=options)


def _remarks(card: ModelCard) -> tuple[str, ...]:
    missing = {
        "no checksums: nothing vouches for its files": not card.sha256,
        "no licence": card.licence == "unknown",
        "no score for any of its pairs: routes take measured models before it": not card.scores,
        "no origin": not card.origin,
    }
    return tuple(f"Its card has {what}." for what, is_missing in missing.items() if is_missing)

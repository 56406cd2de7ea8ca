"""What a translation was made with: the service, its engine and options, and the models that the segments went through.

No floating-point numbers, so that a statement's canonical JSON is the same in every language.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from app import __version__
from app.results import Remembered, TextResult, TranslationResult
from app.settings import Settings
from models.card import ModelCard

Making = Callable[[TranslationResult], dict[str, Any]]
"""What a result was made with."""
Computing = Callable[[ModelCard], str | None]
"""In which the engine computes a model."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Of a process: what `dragoman replay` has to set alike."""

    dragoman: str
    engine: str
    tokenizer: str
    compute_type_set: str
    """The setting, which leaves the choice to the engine where it is `default` or `auto`."""
    beam_size: int
    strict_reproducible: bool
    repair: str
    repair_tries: int
    detector: str
    detection_threshold: str
    candidates: str

    @classmethod
    def of(cls, settings: Settings) -> "Origin":
        return cls(
            dragoman=__version__,
            engine=f"ctranslate2 {version('ctranslate2')}",
            tokenizer=f"sentencepiece {version('sentencepiece')}",
            compute_type_set=settings.compute_type,
            beam_size=settings.beam_size,
            strict_reproducible=settings.strict_reproducible,
            repair=settings.repair,
            repair_tries=settings.repair_tries,
            detector=settings.detector,
            detection_threshold=str(settings.detection_threshold),
            candidates=settings.candidates,
        )


def made(result: TranslationResult, origin: Origin, computing: Computing) -> dict[str, Any]:
    """For all segments of a result; they name their models."""
    edition = result.glossary
    used = models(result.texts, computing)
    return {
        "request": result.id,
        **asdict(origin),
        "compute_type": "+".join(sorted({each["compute_type"] for each in used.values()} - {None})) or None,
        "models": used,
        "glossary": None if edition is None else {"id": edition.id, "version": edition.version},
        "memory": None if result.memory is None else {"version": result.memory},
    }


def remembered(found: Remembered) -> dict[str, Any]:
    """Which correction, by whose key, and when; its text is the segment's."""
    return {
        "entry": found.entry,
        "changed_at": found.changed_at.isoformat(),
        "key_id": found.key_id,
        "segment": found.place,
    }


def models(texts: Sequence[TextResult], computing: Computing) -> dict[str, Any]:
    """By id, with the SHA-256 of each file that its card vouches for: weights and tokenizer among them.

    And with the beam that its card asks for, if it does.
    """
    cards = {
        hop.card.id: hop.card
        for text in texts
        for segment in text.segments
        if segment.route is not None
        for hop in segment.route.hops
    }
    return {
        name: {
            "fingerprint": card.fingerprint,
            "compute_type": computing(card) or None,
            "sha256": dict(sorted(card.sha256.items())),
        }
        | ({"beam_size": card.beam_size} if card.beam_size else {})
        for name, card in sorted(cards.items())
    }

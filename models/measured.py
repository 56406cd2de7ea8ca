"""What was measured of a model here: its memory, and its scores on the operator's own texts. Kept beside its card."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.card import ModelCard, Score, read_score
from models.contracts import EngineOptions, LanguagePair
from models.strictjson import parsed

MEASURED = "measured.json"


@dataclass(frozen=True, slots=True)
class Measured:
    of: str
    """The model that was measured, by its fingerprint, or stamp: of other weights nothing is said."""
    footprint: int = 0
    """Bytes, 0 for not measured."""
    engine: str = ""
    threads: int = 0
    scores: tuple[Score, ...] = ()


def with_measured(card: ModelCard) -> ModelCard:
    """The card with what was measured here; a score goes before the card's own of the same test set and pair."""
    found = read(card)
    if not found.footprint and not found.scores:
        return card
    again = {(score.testset, score.pair) for score in found.scores}
    kept = tuple(score for score in card.scores if (score.testset, score.pair) not in again)
    return replace(
        card,
        footprint=found.footprint,
        footprint_engine=found.engine,
        footprint_threads=found.threads,
        scores=(*kept, *found.scores),
    )


def read(card: ModelCard) -> Measured:
    """Nothing measured where the file is missing, cannot be read, or is of other weights."""
    nothing = Measured(_name(card))
    try:
        found = _parse(parsed((card.path / MEASURED).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return nothing
    return found if found.of == nothing.of else nothing


def engine(options: EngineOptions) -> str:
    """What a footprint depends on besides the threads."""
    return f"{options.device} {options.compute_type}"


def write(
    card: ModelCard,
    *,
    footprint: int | None = None,
    options: EngineOptions | None = None,
    scores: Sequence[Score] = (),
) -> Path:
    """Adds to what is known already; `options`: what the footprint was measured with. Raises OSError."""
    known = read(card)
    if footprint is not None:
        under = (engine(options), options.threads) if options else ("", 0)
        known = Measured(known.of, footprint, *under, scores=known.scores)
    new = {(score.testset, score.pair) for score in scores}
    kept = [score for score in known.scores if (score.testset, score.pair) not in new]
    body = {
        "of": known.of,
        "footprint": known.footprint,
        "engine": known.engine,
        "threads": known.threads,
        "scores": [_plain(score) for score in (*kept, *scores)],
    }
    file = card.path / MEASURED
    part = file.with_suffix(".part")
    part.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
    part.replace(file)
    return file


def _name(card: ModelCard) -> str:
    return card.fingerprint or card.stamp


def _parse(raw: dict[str, Any]) -> Measured:
    scores = (
        read_score(each, LanguagePair(str(each["source"]), str(each["target"]))) for each in raw["scores"]
    )
    footprint, threads = int(raw["footprint"]), int(raw.get("threads", 0))
    if footprint < 0 or threads < 0:
        raise ValueError("less than nothing was measured")
    return Measured(str(raw["of"]), footprint, str(raw.get("engine", "")), threads, tuple(scores))


def _plain(score: Score) -> dict[str, Any]:
    return {
        "testset": score.testset,
        "source": score.pair.source,
        "target": score.pair.target,
        "chrf": score.chrf,
        "bleu": score.bleu,
    }

"""ModelCard: what a model is, where it came from, and what vouches for its files."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from models.contracts import ChecksumMismatch, InvalidCard, LanguagePair
from models.language import normalise
from models.strictjson import parsed

CARD_NAME = "card.json"
SUFFIXES = (".bin", ".json", ".spm", ".txt")
"""Of a model's own files."""
DEFAULT_TOKEN_LIMIT = 200
MARIAN_POSITIONS = 512
MOST_POSITIONS = 1 << 20
"""Far past every model that there is."""
MOST_HYPOTHESES = 16
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Score:
    testset: str
    pair: LanguagePair
    chrf: float
    """0 to 100."""
    bleu: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ModelCard:
    """Compared by identity: a catalogue holds one card a model."""

    id: str
    path: Path
    pairs: tuple[LanguagePair, ...]
    architecture: str = "unknown"
    licence: str = "unknown"
    attribution: str = ""
    made: str = ""
    """How the weights came about."""
    token_limit: int = DEFAULT_TOKEN_LIMIT
    """Longest source segment handed to the engine, in tokens."""
    positions: int = MARIAN_POSITIONS
    """Position embeddings of the model; past them the engine raises."""
    target_tokens: Mapping[str, str] = field(default_factory=dict)
    """Target language to the `>>xx<<` token that asks for it; empty for a single target."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str] = field(default_factory=dict)
    """sha256 of its files as they lay when it was listed, where the card vouches for none."""
    scores: tuple[Score, ...] = ()
    origin: str = ""
    stamp: str = ""
    """Of the folder's files as they lay when the card was read: see models/revisions.py."""
    footprint: int = 0
    """Bytes of memory that it was measured to take; 0: never measured."""
    footprint_engine: str = ""
    """Device and compute type that it was measured with; empty where that was not written down."""
    footprint_threads: int = 0
    append_end: bool = True
    """Whether a model that does not append the end marker to its source wants it there; OpenNMT's do not."""
    beam_size: int = 0
    """Hypotheses that this model is decoded with; 0: as many as the service decodes others with."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """How it was installed: source, commit, checksums, tools, self-test."""
    revision: str = field(init=False, default="")
    """Names these very files under this id, in this process: another revision is another model."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "revision", f"{self.id} {self.fingerprint} {self.stamp}")

    def chrf(self, pair: LanguagePair) -> float | None:
        """Mean chrF over the card's test sets, 0 to 100; None where nothing was measured."""
        found = [score.chrf for score in self.scores if score.pair == pair]
        return sum(found) / len(found) if found else None

    def verify(self) -> None:
        """Raises ChecksumMismatch for the first file that is missing or not what the card vouches for."""
        for name, expected in self.sha256.items():
            if _sha256(self.path / name, model=self.id) != expected:
                raise ChecksumMismatch(
                    f"Model {self.id}: {name} is not the file its card vouches for (sha256 differs). "
                    f"It will not be loaded; put the original file back."
                )

    @property
    def size(self) -> int:
        """Bytes on the disk, of whatever lies in its folder."""
        return sum(each.stat().st_size for each in self.path.iterdir() if each.is_file())

    @property
    def fingerprint(self) -> str:
        """sha256 over the files' checksums: changes when any file does, or the card's beam, which decides answers too.
        Empty for a model without files.
        """
        sums = self.sha256 or self.found
        if not sums:
            return ""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        if self.beam_size:
            lines += f"beam {self.beam_size}\n"
        return hashlib.sha256(lines.encode()).hexdigest()


def read_card(folder: Path) -> ModelCard:
    """The card in `folder/card.json`. Raises InvalidCard that names the file and the field at fault."""
    file = folder / CARD_NAME
    try:
        raw = parsed(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidCard(f"{file} cannot be read as JSON: {error}") from error
    try:
        card = _parse(raw, folder)
        _check(card)
        # Half a character, which JSON can escape, fits into no answer.
        json.dumps(raw, ensure_ascii=False).encode()
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidCard(f"{file} is not a model card: {type(error).__name__} at {error}") from error
    return card


def card_body(card: ModelCard, *, sha256: Mapping[str, str]) -> dict[str, Any]:
    """What `read_card` reads, for a model that has no card, or one without checksums."""
    return {
        "id": card.id,
        "pairs": [_pair_body(pair) for pair in card.pairs],
        "architecture": card.architecture,
        "licence": card.licence,
        "attribution": card.attribution,
        "made": card.made,
        "origin": card.origin,
        "token_limit": card.token_limit,
        "positions": card.positions,
        "target_tokens": dict(card.target_tokens),
        "append_end": card.append_end,
        **({"beam_size": card.beam_size} if card.beam_size else {}),
        "scores": [
            {"testset": score.testset, **_pair_body(score.pair), "chrf": score.chrf, "bleu": score.bleu}
            for score in card.scores
        ],
        "provenance": dict(card.provenance),
        "sha256": dict(sha256),
    }


def _pair_body(pair: LanguagePair) -> dict[str, str]:
    return {"source": pair.source, "target": pair.target}


def _parse(raw: dict[str, Any], folder: Path) -> ModelCard:
    return ModelCard(
        id=str(raw["id"]),
        path=folder,
        pairs=tuple(_pair(pair) for pair in raw["pairs"]),
        architecture=str(raw.get("architecture", "unknown")),
        licence=str(raw.get("licence", "unknown")),
        attribution=str(raw.get("attribution", "")),
        made=str(raw.get("made", "")),
        token_limit=int(raw.get("token_limit", DEFAULT_TOKEN_LIMIT)),
        positions=int(raw.get("positions", MARIAN_POSITIONS)),
        target_tokens={normalise(code): str(token) for code, token in raw.get("target_tokens", {}).items()},
        sha256=dict(raw.get("sha256", {})),
        scores=tuple(read_score(score, _pair(score)) for score in raw.get("scores", ())),
        origin=str(raw.get("origin", "")),
        append_end=bool(raw.get("append_end", True)),
        beam_size=int(raw.get("beam_size", 0)),
        provenance=dict(raw.get("provenance", {})),
    )


def _check(card: ModelCard) -> None:
    if not card.pairs:
        raise ValueError("pairs: none given")
    if not 1 <= card.token_limit < card.positions <= MOST_POSITIONS:
        raise ValueError(f"token_limit: not between 1 and positions, or these over {MOST_POSITIONS}")
    if not 0 <= card.beam_size <= MOST_HYPOTHESES:
        raise ValueError(f"beam_size: not between 0 and {MOST_HYPOTHESES}")
    untold = {pair.target for pair in card.pairs} - set(card.target_tokens)
    if card.target_tokens and untold:
        raise ValueError(f"target_tokens: none for {', '.join(sorted(untold))}")


def _pair(raw: dict[str, Any]) -> LanguagePair:
    return LanguagePair(normalise(raw["source"]), normalise(raw["target"]))


def read_score(raw: Mapping[str, Any], pair: LanguagePair) -> Score:
    """Raises KeyError, TypeError or ValueError for what is no score."""
    bleu = None if raw.get("bleu") is None else _finite(raw["bleu"])
    return Score(str(raw["testset"]), pair, _finite(raw["chrf"]), bleu)


def _finite(value: Any) -> float:
    if not isfinite(found := float(value)):
        raise ValueError("a score is no number")
    return found


def _sha256(file: Path, *, model: str) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise ChecksumMismatch(f"Model {model}: {file.name} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()

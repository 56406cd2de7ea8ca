"""How much memory a model takes: as it was measured here, else reckoned from its files."""

from pathlib import Path

from models.card import ModelCard
from models.contracts import EngineOptions

WEIGHTS = "model.bin"
_WIDER = {"float32": 4, "int16": 2, "float16": 2, "bfloat16": 2}
"""Bytes a weight in the engine, of a model that is saved in one each."""
_PIECES = 16
"""Bytes in memory for each byte of vocabulary and SentencePiece files: the starter models' 1.4 MB take 22 MB."""

_A_THREAD = 10 << 20
"""Bytes that a model keeps for each engine thread once it has worked: 9 MB, measured with 1, 2 and 4 of them."""


def footprint(card: ModelCard, options: EngineOptions) -> int:
    """Bytes. What was measured counts whatever the type: it was measured as this machine is set up."""
    return card.footprint or _reckoned(card.path, options)


def weight_bytes(folder: Path) -> int:
    """Size of the weights on disk; 0 for a model without any."""
    try:
        return (folder / WEIGHTS).stat().st_size
    except FileNotFoundError:
        return 0


def _reckoned(folder: Path, options: EngineOptions) -> int:
    weights = weight_bytes(folder)
    if not weights:
        return 0
    pieces = sum(
        file.stat().st_size for file in folder.iterdir() if file.suffix == ".spm" or "vocabulary" in file.name
    )
    wider = _WIDER.get(options.compute_type, 1)
    return weights * wider + pieces * _PIECES + options.threads * _A_THREAD

"""How much memory a model takes: as it was measured here, else reckoned from its files."""

from pathlib import Path

from models.card import ModelCard
from models.contracts import EngineOptions
from models.measured import engine

WEIGHTS = "model.bin"
_WIDER = {"float32": 4, "int16": 2, "float16": 2, "bfloat16": 2}
"""Bytes a weight in the engine, of a model that is saved in one each."""
_PIECES = 16
"""Bytes in memory for each byte of vocabulary and SentencePiece files: the starter models' 1.4 MB take 22 MB."""
_ENGINE_PIECES = 8
"""Of those the engine's own: 10 MB of a starter model, measured with a second engine beside the first."""

_A_THREAD = 10 << 20
"""Bytes that a model keeps for each engine thread once it has worked: 9 MB, measured with 1, 2 and 4 of them."""


def footprint(card: ModelCard, options: EngineOptions) -> int:
    """Bytes. What was measured counts for the device and compute type that it was measured with, and other numbers of
    threads are reckoned from it.
    """
    if not card.footprint or card.footprint_engine not in ("", engine(options)):
        return _reckoned(card.path, options)
    more = options.threads - (card.footprint_threads or options.threads)
    alone = max(card.footprint + more * _A_THREAD, weight_bytes(card.path))
    return alone + _behind(card.path, options)


def weight_bytes(folder: Path) -> int:
    """Size of the weights on disk; 0 for a model without any."""
    try:
        return (folder / WEIGHTS).stat().st_size
    except FileNotFoundError:
        return 0


def _reckoned(folder: Path, options: EngineOptions) -> int:
    if not weight_bytes(folder):
        return 0
    return _taken(folder, options, pieces=_PIECES) + _behind(folder, options)


def _behind(folder: Path, options: EngineOptions) -> int:
    """Bytes of what bulk work has of its own, once there is any."""
    if not options.gives_way or not weight_bytes(folder):
        return 0
    return _taken(folder, options, pieces=_ENGINE_PIECES)


def _taken(folder: Path, options: EngineOptions, *, pieces: int) -> int:
    """Bytes of an engine that has worked. `pieces`: bytes for each of the vocabulary's."""
    files = (file for file in folder.iterdir() if file.suffix == ".spm" or "vocabulary" in file.name)
    vocabulary = sum(file.stat().st_size for file in files) * pieces
    weights = weight_bytes(folder) * _WIDER.get(options.compute_type, 1)
    return weights + vocabulary + options.threads * _A_THREAD

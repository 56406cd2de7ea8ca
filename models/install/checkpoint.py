"""A MarianMT checkpoint in Hugging Face's layout, read with numpy alone: no torch, no transformers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contracts import InstallError, Untrusted
from models.install.pickles import read_pickle, widened
from models.strictjson import parsed

SAFE = "model.safetensors"
SAFE_INDEX = "model.safetensors.index.json"
PICKLE = "pytorch_model.bin"
PAD = "<pad>"
_BRAIN_FLOAT = "BF16"
_NUMBERS = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U8")

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    config: Mapping[str, Any]
    source: tuple[str, ...]
    """Pieces in id order."""
    target: tuple[str, ...]
    weights: Weights


def read_checkpoint(folder: Path, *, allow_pickle: bool = False) -> Checkpoint:
    """Raises InstallError, or Untrusted where only pickled weights are there and they are not allowed."""
    config = read_json(folder / "config.json")
    if config.get("model_type") != "marian":
        raise InstallError(
            f"{folder.name} is of the type {config.get('model_type')!a}; only MarianMT models are converted."
        )
    source = _vocabulary(folder / "vocab.json")
    separate = folder / "target_vocab.json"
    target = _vocabulary(separate) if separate.exists() else source
    return Checkpoint(config, source, target, _weights(folder, allow_pickle=allow_pickle))


def read_json(file: Path) -> dict[str, Any]:
    try:
        found = parsed(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InstallError(f"{file.name} is missing or is not JSON.") from error
    if not isinstance(found, dict):
        raise InstallError(f"{file.name} is not a JSON object.")
    return found


def _vocabulary(file: Path) -> tuple[str, ...]:
    """Raises InstallError unless the ids are 0 to n-1, each once."""
    ids = read_json(file)
    pieces = {number: piece for piece, number in ids.items() if type(number) is int}
    if len(pieces) != len(ids) or sorted(pieces) != list(range(len(ids))):
        raise InstallError(f"{file.name} does not number its pieces from 0 without gaps.")
    return tuple(pieces[number] for number in range(len(pieces)))


def _weights(folder: Path, *, allow_pickle: bool) -> Weights:
    if (folder / SAFE).exists():
        return _safe(folder / SAFE)
    if (folder / SAFE_INDEX).exists():
        shards = {str(name) for name in read_json(folder / SAFE_INDEX).get("weight_map", {}).values()}
        return {
            name: each for shard in sorted(shards) for name, each in _safe(_beside(folder, shard)).items()
        }
    if not (folder / PICKLE).exists():
        raise InstallError(f"{folder.name} has no weights: neither {SAFE} nor {PICKLE}.")
    if not allow_pickle:
        raise Untrusted(
            f"{folder.name} has its weights as a pickle only, which may carry code. Take a copy with {SAFE}, or the "
            f"OPUS-MT zip, or say --allow-pickle: it is then read by a reader that runs none."
        )
    return read_pickle(folder / PICKLE)


def _safe(file: Path) -> dict[str, NDArray[np.float32]]:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415  serving needs none of it

    try:
        with safe_open(str(file), framework="np") as tensors:
            return {name: _float32(tensors, name, file) for name in tensors.keys()}  # noqa: SIM118  no mapping
    except (SafetensorError, OSError) as error:
        raise InstallError(f"{file.name} cannot be read: {error}") from error


def _float32(tensors: Any, name: str, file: Path) -> NDArray[np.float32]:
    described = tensors.get_slice(name)
    kind = described.get_dtype()
    if kind == _BRAIN_FLOAT:
        return widened(_stored(file, name)).reshape(described.get_shape())
    if kind not in _NUMBERS:
        raise InstallError(f"{name} is stored as {kind}, which is not read here. Save it as float32.")
    return np.array(tensors.get_tensor(name), dtype=np.float32)


def _stored(file: Path, name: str) -> NDArray[np.uint16]:
    """Where numpy has no type, safetensors' reader gives nothing; it has checked the file's header, though."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        start, end = json.loads(stream.read(length))[name]["data_offsets"]
        stream.seek(8 + length + start)
        return np.frombuffer(stream.read(end - start), dtype="<u2")


def _beside(folder: Path, name: str) -> Path:
    if Path(name).name != name:
        raise Untrusted(f"{SAFE_INDEX} names a file outside its folder.")
    return folder / name

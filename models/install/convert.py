"""Converts a model as it came into a folder that the engine loads; runs in sandbox.py's process.

Nothing here needs torch: Marian's own files are read by CTranslate2's converter with numpy, Hugging Face's checkpoints
by checkpoint.py.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from ctranslate2.converters import OpusMTConverter

from models.contracts import InstallError
from models.install import sandbox
from models.install.checkpoint import read_checkpoint, read_json
from models.install.layout import Layout, layout
from models.install.spec import build_spec

TYPES = ("int8", "int16", "float16", "float32")
_VOCABULARIES = ("shared_vocabulary", "source_vocabulary", "target_vocabulary")
_ENGINE_FILES = (
    "model.bin",
    "config.json",
    *(f"{name}{end}" for name in _VOCABULARIES for end in (".json", ".txt")),
)
_DEFAULTS = {
    "add_source_bos": False, "add_source_eos": False, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
    "decoder_start_token": "<s>",
}  # fmt: skip
"""What CTranslate2 takes for granted of a model without config.json, as those from before its version 3 are."""
_JOINT = ("sentencepiece.model", "spm.model")
"""What others call the SentencePiece model of both sides."""


def main() -> None:
    sandbox.answer(_act)


def convert(source: Path, output: Path, *, quantization: str = "int8", allow_pickle: bool = False) -> Layout:
    """Makes the folder `output`, which must not exist yet. Raises InstallError or Untrusted."""
    kind = layout(source)
    _refuse_codes(source)
    if kind is Layout.MARIAN:
        OpusMTConverter(str(source)).convert(str(output), quantization=quantization)
    elif kind is Layout.TRANSFORMERS:
        checkpoint = read_checkpoint(source, allow_pickle=allow_pickle)
        spec = build_spec(checkpoint)
        del checkpoint  # half of the memory that the next steps need
        spec.validate()
        spec.optimize(quantization=quantization)
        output.mkdir(parents=True)
        spec.save(str(output))
    else:
        _copy(source / "model" if kind is Layout.ARGOS else source, output)
    _copy_pieces(source, output)
    return kind


def _act(order: dict[str, Any]) -> dict[str, Any]:
    kind = convert(
        Path(order["source"]),
        Path(order["output"]),
        quantization=order["quantization"],
        allow_pickle=order["allow_pickle"],
    )
    return {"layout": kind.name}


def _refuse_codes(source: Path) -> None:
    if (source / "source.bpe").exists():
        raise InstallError(
            "It cuts its words by BPE codes after Moses' tokenizer, which is not done here; only SentencePiece is. "
            "`dragoman models search --from … --to …` lists what can be installed."
        )
    metadata = source / "metadata.json"
    if metadata.exists() and read_json(metadata).get("target_prefix"):
        raise InstallError(
            "This Argos package starts its translations with a prefix, which is not done here."
        )


def _copy(source: Path, output: Path) -> None:
    output.mkdir(parents=True)
    for name in _ENGINE_FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, output / name)
    if not (output / "config.json").exists():
        (output / "config.json").write_text(json.dumps(_DEFAULTS), encoding="utf-8")


def _copy_pieces(source: Path, output: Path) -> None:
    """`source.spm`, and `target.spm` where it is another."""
    both = [source / "source.spm", source / "target.spm"]
    joint = [source / name for name in _JOINT]
    first = next((file for file in (both[0], *joint) if file.exists()), None)
    if first is None:
        raise InstallError(f"{source.name} has no SentencePiece model (source.spm).")
    shutil.copyfile(first, output / "source.spm")
    if both[1].exists() and both[1].read_bytes() != first.read_bytes():
        shutil.copyfile(both[1], output / "target.spm")

"""How a model's makers decode it: written down in its card. The service decodes all models alike (docs/models.md)."""

import re
from pathlib import Path
from typing import Any

from models.install.checkpoint import read_json
from models.install.layout import Layout

_STATED = (
    "num_beams",
    "length_penalty",
    "max_length",
    "early_stopping",
    "no_repeat_ngram_size",
    "repetition_penalty",
    "bad_words_ids",
    "forced_bos_token_id",
    "forced_eos_token_id",
)
"""Of Hugging Face's settings those that change an answer."""
_MARIAN = re.compile(
    r"^(beam-size|normalize|word-penalty|max-length|allow-unk): *([\w.+-]+) *$", re.MULTILINE
)


def stated(files: Path, kind: Layout) -> dict[str, Any]:
    """As the files name it; {} where they say nothing. Raises InstallError for a file that is not JSON."""
    if kind is Layout.TRANSFORMERS:
        return _of_transformers(files)
    if kind is Layout.MARIAN:
        return dict(_MARIAN.findall((files / "decoder.yml").read_text(encoding="utf-8", errors="replace")))
    return {}


def _of_transformers(files: Path) -> dict[str, Any]:
    """generation_config.json goes before config.json, which older checkpoints have alone."""
    found: dict[str, Any] = {}
    for name in ("config.json", "generation_config.json"):
        settings = read_json(files / name) if (files / name).exists() else {}
        found |= {key: settings[key] for key in _STATED if settings.get(key) is not None}
    return found

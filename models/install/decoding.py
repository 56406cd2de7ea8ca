"""How a model's makers decode it: written down in its card, and used where the operator says so (docs/models.md)."""

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
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
_SHORTLISTS = ("vmap.txt", "lex.*", "*.lex", "*lex*.gz", "*.s2t*", "*shortlist*")
"""CTranslate2's vocabulary map; Marian's and Bergamot's tables."""
_NAMED = re.compile(r"^ *['\"]?shortlist['\"]? *:", re.MULTILINE)
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


def shortlists(files: Path, kind: Layout, brought: Iterable[str]) -> list[str]:
    """Lexical shortlists that a release brings or names. None is used: an answer would depend on its neighbours.

    `brought`: the names of everything there was, fetched or not.
    """
    names = {PurePosixPath(name).name for name in brought}
    found = {name for name in names if any(fnmatch(name.lower(), pattern) for pattern in _SHORTLISTS)}
    if kind is Layout.MARIAN and _NAMED.search((files / "decoder.yml").read_text("utf-8", "replace")):
        found.add("decoder.yml: shortlist")
    return sorted(found)


def _of_transformers(files: Path) -> dict[str, Any]:
    """generation_config.json goes before config.json, which older checkpoints have alone."""
    found: dict[str, Any] = {}
    for name in ("config.json", "generation_config.json"):
        settings = read_json(files / name) if (files / name).exists() else {}
        found |= {key: settings[key] for key in _STATED if settings.get(key) is not None}
    return found

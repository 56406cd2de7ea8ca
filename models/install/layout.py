"""Which kind of model lies in a folder of files as they came."""

from enum import Enum
from pathlib import Path

from models.contracts import InstallError
from models.strictjson import parsed


class Layout(Enum):
    MARIAN = "an OPUS-MT release: Marian's weights (.npz) and decoder.yml"
    TRANSFORMERS = "a Hugging Face MarianMT checkpoint"
    ARGOS = "an Argos package"
    CTRANSLATE2 = "a model converted for CTranslate2"


def layout(folder: Path) -> Layout:
    """Raises InstallError that names what was looked for."""
    if (folder / "decoder.yml").exists():
        return Layout.MARIAN
    if (folder / "metadata.json").exists() and (folder / "model").is_dir():
        return Layout.ARGOS
    if (folder / "model.bin").exists():
        return Layout.CTRANSLATE2
    if (folder / "config.json").exists() and _model_type(folder / "config.json"):
        return Layout.TRANSFORMERS
    raise InstallError(
        f"{folder.name} is none of: {'; '.join(each.value for each in Layout)}; a bundle of ours (.tar.zst)."
    )


def _model_type(file: Path) -> bool:
    try:
        return "model_type" in parsed(file.read_text(encoding="utf-8"))
    except (ValueError, TypeError):
        return False

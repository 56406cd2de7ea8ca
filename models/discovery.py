"""A card for a folder that brings none: read from CTranslate2's own files and the folder's name."""

import re
from pathlib import Path
from typing import Any

from models.card import ModelCard
from models.contracts import InvalidCard, LanguagePair
from models.language import UnknownCode, is_family, is_variety, normalise
from models.strictjson import parsed

_TARGET_TOKEN = re.compile(r">>([A-Za-z]{2,3}(?:_[A-Za-z]+)*)<<")
_PREFIX = re.compile(r"^(opus-mt(-tc-(big|base))?|opus|marian)[-_]", re.IGNORECASE)
VOCABULARIES = (
    "shared_vocabulary.json",
    "source_vocabulary.json",
    "shared_vocabulary.txt",
    "source_vocabulary.txt",
)


def discover(folder: Path) -> ModelCard:
    """A card for a model converted with CTranslate2's converters, named like `opus-mt-en-de` or `en-de`.

    A multi-target model's languages are the `>>xx<<` tokens of its vocabulary.
    Raises InvalidCard that says which card to write when the languages cannot be told.
    """
    sources, targets = named_languages(folder.name)
    tokens = target_tokens(folder)
    reached = tuple(tokens) if tokens else targets
    if not sources or not reached:
        raise InvalidCard(
            f"Model folder {folder.name}: its languages cannot be told from its name. Name it like en-de, or add "
            f'card.json with at least {{"id": "{folder.name}", "pairs": [{{"source": "xx", "target": "yy"}}]}}.'
        )
    pairs = tuple(LanguagePair(s, t) for s in sources for t in reached if s != t)
    return ModelCard(id=folder.name, path=folder, pairs=pairs, target_tokens=tokens, architecture="marian")


def target_tokens(folder: Path) -> dict[str, str]:
    """Normalised target language to its token, e.g. {"pt": ">>por<<"}; the first token of a language wins.

    A variety's token (`>>yue<<`, filed under `zh`) only stands in where the language has none of its own.
    """
    found: dict[str, str] = {}
    matches = [match for piece in vocabulary(folder) if (match := _TARGET_TOKEN.fullmatch(piece))]
    for match in sorted(matches, key=lambda match: is_variety(match[1])):
        try:
            found.setdefault(normalise(match[1]), match[0])
        except UnknownCode:
            continue
    return found


def vocabulary(folder: Path) -> list[str]:
    """Source pieces of a converted model, in id order; [] where the folder has no vocabulary file.

    Raises InvalidCard for a file that is no list of pieces.
    """
    file = next((folder / name for name in VOCABULARIES if (folder / name).exists()), None)
    if file is None:
        return []
    try:
        text = file.read_text(encoding="utf-8")
        pieces: Any = parsed(text) if file.suffix == ".json" else text.rstrip("\n").split("\n")
    except (OSError, ValueError) as error:
        raise InvalidCard(f"Model folder {folder.name}: {file.name} cannot be read: {error}") from error
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise InvalidCard(f"Model folder {folder.name}: {file.name} is not a list of pieces.")
    return pieces


def named_languages(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sources and targets that a model's name tells, such as `opus-mt-en-de+nl`; () where it tells none."""
    source, _, target = _PREFIX.sub("", name).partition("-")
    return _codes(source), _codes(target)


def _codes(text: str) -> tuple[str, ...]:
    codes = text.split("+")
    if any(map(is_family, codes)):
        return ()
    try:
        return tuple(dict.fromkeys(map(normalise, codes)))
    except UnknownCode:
        return ()

"""A model's revisions on disk: the one that serves, in its folder, and the one before it, kept for a way back.

    MODEL_DIR/opus-mt-hu-en/              serves
    MODEL_DIR/.previous/opus-mt-hu-en/    served before

Folders are moved, never written in place: whoever reads one sees all of it, and what was loaded stays loaded.
"""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

from models.card import ModelCard
from models.contracts import InvalidCard, ModelUnavailable
from models.measured import MEASURED

PREVIOUS = ".previous"


def stamp(folder: Path) -> str:
    """Changes when a file of the folder does; reads none of them. Empty for what is no folder. Raises OSError."""
    if not folder.is_dir():
        return ""
    files = sorted((file for file in folder.iterdir() if file.name != MEASURED), key=lambda file: file.name)
    found = ((file.name, file.stat()) for file in files)
    lines = "".join(f"{name}\n{status.st_size}\n{status.st_mtime_ns}\n" for name, status in found)
    return hashlib.blake2b(lines.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def marks(place: Path | None) -> tuple[tuple[str, str], ...]:
    """What `place`, a folder of models or a file, looks like from outside: equal as long as nothing in it changed.

    Raises OSError.
    """
    if place is None:
        return ()
    if not place.is_dir():
        return ((place.name, _mark(place)),)
    # Hidden: the revisions before, and what is being installed.
    folders = sorted(each for each in place.iterdir() if each.is_dir() and not each.name.startswith("."))
    return tuple((each.name, f"{stamp(each)} {_mark(each / MEASURED)}") for each in folders)


def located(card: ModelCard) -> ModelCard:
    """The card with the folder where its files lie now: a newer revision may have taken their place since.

    Raises ModelUnavailable where they are gone, or changed without a checksum that would say so.
    """
    if not card.stamp or _lies_in(card.path, card):
        return card
    former = previous(card.path)
    if _lies_in(former, card):
        return replace(card, path=former)
    if card.sha256:
        # The checksums will tell whether it is the same model.
        return card
    raise ModelUnavailable(f"Model {card.id}: its files changed since they were listed.")


def previous(folder: Path) -> Path:
    return folder.parent / PREVIOUS / folder.name


def install(staged: Path, folder: Path) -> None:
    """Moves `staged`, a complete folder on the same disk, to `folder`; what was there becomes its previous revision.

    Raises OSError.
    """
    former = previous(folder)
    if folder.exists():
        former.parent.mkdir(exist_ok=True)
        if former.exists():
            shutil.rmtree(former)
        folder.rename(former)
    staged.rename(folder)


def rollback(folder: Path) -> None:
    """Changes places with the previous revision, so that a second call takes the first one back.

    Raises InvalidCard where there is none, and OSError.
    """
    former = previous(folder)
    if not former.is_dir():
        raise InvalidCard(f"Model folder {folder.name}: no previous revision is kept in {former.parent}.")
    aside = former.with_name(f"{former.name}.part")
    folder.rename(aside)
    former.rename(folder)
    aside.rename(former)


def _mark(file: Path) -> str:
    try:
        status = file.stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


def _lies_in(folder: Path, card: ModelCard) -> bool:
    try:
        return stamp(folder) == card.stamp
    except OSError:
        return False

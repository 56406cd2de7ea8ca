"""Puts a model into the model directory: converted, tried, described, and all at once or not at all.

<model directory>/<id>/           the model
<model directory>/.previous/<id>/ the one it replaced (revisions.py)
<model directory>/.downloads/     transfers that broke off
<model directory>/models.lock     pins.py
"""

import fcntl
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models import measured, revisions
from models.card import CARD_NAME, ModelCard, read_card
from models.contracts import AlreadyInstalled, EngineOptions, InstallError
from models.install import sandbox
from models.install.decoding import shortlists, stated
from models.install.describe import Origin, describe
from models.install.download import sha256_of
from models.install.layout import Layout
from models.install.licence import check

_WORK = ".install-"
_ID = re.compile(r"[A-Za-z0-9][\w.+-]{0,254}")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who installs decided."""

    quantization: str = "int8"
    allow_pickle: bool = False
    allow_non_commercial: bool = False
    self_test: bool = True
    beam_size: int = 0
    """Hypotheses to decode the model with, where it is to differ from the service's own."""
    replace: bool = False
    """An installed model of the same id is replaced; the old one is kept in `.previous`."""
    update: bool = False
    """The source may hold something else than when it was pinned."""


USUAL = Choices()


@dataclass(frozen=True, slots=True)
class Installed:
    card: ModelCard
    licence_known: bool
    tried: tuple[str, ...]
    network: str
    """What stood between the conversion and the network."""
    replaced: bool = False


@contextmanager
def opened(home: Path) -> Iterator[Path]:
    """The model directory, made if need be, for one installation at a time; others are told to wait.

    What a killed installation left half done is swept away.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstallError(f"Another installation into {home} is under way. Wait for its end.") from None
        for left in home.glob(f"{_WORK}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield home


@contextmanager
def workplace(home: Path) -> Iterator[Path]:
    """An empty folder on the same disk, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix=_WORK, dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def install(files: Path, home: Path, origin: Origin, choices: Choices) -> Installed:
    """`files`: the model as it came. Raises ModelError, and then nothing has changed."""
    ensure_free(home, origin.id, choices)
    with workplace(home) as work:
        model = work / origin.id
        order = {"source": str(files), "output": str(model)}
        made = sandbox.run(
            "models.install.convert",
            order | {"quantization": choices.quantization, "allow_pickle": choices.allow_pickle},
        )
        kind = Layout[made["layout"]]
        if kind is Layout.CTRANSLATE2 and (files / CARD_NAME).exists():
            read_card(files).verify()  # what vouched for these files must hold before a new card does
        card = describe(files, model, origin, kind)
        terms = check(card["licence"], allow_non_commercial=choices.allow_non_commercial)
        card["made"] = card.get("made") or _made(kind, choices)
        if choices.beam_size:
            card["beam_size"] = choices.beam_size
        card["provenance"] = _provenance(origin, kind, made["network"]) | _unused(files, kind, origin)
        tried = _seal(model, card, choices)
        replaced = put(model, home, origin.id)
    return Installed(read_card(home / origin.id), terms.name != "UNKNOWN", tried, made["network"], replaced)


def ensure_free(home: Path, model_id: str, choices: Choices) -> None:
    if not _ID.fullmatch(model_id):
        raise InstallError(f"{model_id[:80]!a} cannot be the name of a folder. Choose another: --id.")
    if (home / model_id).exists() and not choices.replace:
        raise AlreadyInstalled(
            f"{model_id} is installed already. Say --replace to put the new one in its place."
        )


def put(model: Path, home: Path, model_id: str) -> bool:
    """Moves a finished model to its place; whether there was another, which is kept for `dragoman models rollback`."""
    there = home / model_id
    found = there.exists()
    revisions.install(model, there)
    return found


def _seal(model: Path, card: dict[str, Any], choices: Choices) -> tuple[str, ...]:
    """Writes the card, tries the model as it will be served, and writes down how that went."""
    card["sha256"] = {
        file.name: sha256_of(file) for file in sorted(model.iterdir()) if file.name != CARD_NAME
    }
    _write(model / CARD_NAME, card)
    found: Mapping[str, Any] = {"trial": [], "memory": 0}
    if choices.self_test:
        found = sandbox.run("models.install.trial", {"folder": str(model)})
    card["provenance"]["self_test"] = found["trial"] or "skipped"
    _write(model / CARD_NAME, card)
    read_card(model)  # one that could not be served is not put in place, self-test or none
    keep_memory(model, found["memory"])
    return tuple(found["trial"])


def keep_memory(model: Path, size: int) -> None:
    """What the self-test found the model to take; `dragoman models doctor --write` measures more closely."""
    if size:
        measured.write(read_card(model), footprint=size, options=EngineOptions())


def _made(kind: Layout, choices: Choices) -> str:
    if kind in (Layout.ARGOS, Layout.CTRANSLATE2):
        return "Came converted; not changed."
    return f"Converted to {choices.quantization} from {kind.value}."


def _provenance(origin: Origin, kind: Layout, network: str) -> dict[str, Any]:
    return {
        "source": origin.source,
        "revision": origin.revision,
        "files": dict(origin.sha256),
        "layout": kind.name.lower(),
        "converter": f"ctranslate2 {version('ctranslate2')}",
        "network": network,
        "installed": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _unused(files: Path, kind: Layout, origin: Origin) -> dict[str, Any]:
    """What the makers say or bring that the service does not go by."""
    found = shortlists(files, kind, origin.brought)
    return {"decoding": stated(files, kind)} | ({"shortlist": found} if found else {})


def _write(file: Path, body: Mapping[str, Any]) -> None:
    text = json.dumps(body, ensure_ascii=False, indent=2)
    with file.open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())

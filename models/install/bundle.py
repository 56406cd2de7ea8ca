"""Installed models in one file, for a machine that reaches no network: a tar, compressed with Zstandard.

manifest.json        what is inside: every file's size and sha256; first, so that the rest is judged as it comes
manifest.json.sig    optional: an SSH key's signature of it (signature.py)
models/<id>/<file>   the models, cards included
"""

import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zstandard

from models.card import CARD_NAME, SUFFIXES, ModelCard, card_body
from models.install import signature
from models.install.download import sha256_of
from models.measured import MEASURED

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
SUFFIX = ".tar.zst"
FORMAT = {"format": "dragoman-models", "version": 1}
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Seal:
    """Who signed a bundle."""

    fingerprint: str = ""
    """Of the SSH key; empty: nobody."""
    trusted: bool = False
    """Whether it is one of the keys that were named, and the signature is true."""


def export(cards: Sequence[ModelCard], output: Path, *, key: Path | None = None) -> Seal:
    """Writes `output`, all or nothing; `key` signs. Raises ChecksumMismatch for files that are not as a card says."""
    with TemporaryDirectory(dir=output.absolute().parent, prefix=".export-") as name:
        folder = Path(name)
        models = {card.id: _files(card, folder) for card in cards}
        manifest = folder / MANIFEST
        manifest.write_text(
            json.dumps(_manifest(cards, models), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
        heads = [manifest] if key is None else [manifest, signature.sign(manifest, key)]
        with _writing(folder / "bundle") as archive:
            for head in heads:
                _add(archive, head.name, head)
            for model_id, files in models.items():
                for file, path in files.items():
                    _add(archive, f"models/{model_id}/{file}", path)
        (folder / "bundle").replace(output)
        return Seal(signature.signer(heads[1].read_text(encoding="utf-8")), trusted=True) if key else Seal()


def _files(card: ModelCard, folder: Path) -> dict[str, Path]:
    """What belongs to a model. One that came without a card, or without checksums, leaves with them."""
    card.verify()
    there = [
        each
        for each in sorted(card.path.iterdir())
        if each.suffix in SUFFIXES and each.name not in (CARD_NAME, MEASURED)
    ]
    files = {each.name: each for each in there if not card.sha256 or each.name in card.sha256}
    written = card.path / CARD_NAME
    if not written.exists() or not card.sha256:
        written = folder / f"{card.id}.{CARD_NAME}"
        digests = {name: sha256_of(path) for name, path in files.items()}
        written.write_text(
            json.dumps(card_body(card, sha256=digests), ensure_ascii=False, indent=2), encoding="utf-8"
        )
    return {CARD_NAME: written, **files}


def _manifest(cards: Sequence[ModelCard], models: Mapping[str, Mapping[str, Path]]) -> dict[str, Any]:
    return {
        **FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "models": [
            {
                "id": card.id,
                "pairs": [str(pair) for pair in card.pairs],
                "licence": card.licence,
                "files": {
                    name: {"sha256": sha256_of(path), "size": path.stat().st_size}
                    for name, path in models[card.id].items()
                },
            }
            for card in cards
        ],
    }


@contextmanager
def _writing(file: Path) -> Iterator[tarfile.TarFile]:
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with (
        file.open("wb") as raw,
        compressor.stream_writer(raw, closefd=False) as stream,
        tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        yield archive


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = path.stat().st_size, 0o644
    with path.open("rb") as content:
        archive.addfile(member, content)

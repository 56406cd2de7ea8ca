"""Installed models in one file, for a machine that reaches no network: a tar, compressed with Zstandard.

manifest.json        what is inside: every file's size and sha256; first, so that the rest is judged as it comes
manifest.json.sig    optional: an SSH key's signature of it (signature.py)
models/<id>/<file>   the models, cards included
"""

import hashlib
import json
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zstandard

from models.card import CARD_NAME, ModelCard, card_body, read_card
from models.contracts import Untrusted
from models.install import sandbox, signature
from models.install.download import sha256_of
from models.install.installer import USUAL, Choices, Installed, ensure_free, opened, put, workplace
from models.install.licence import Terms, check
from models.measured import MEASURED

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
SUFFIX = ".tar.zst"
_FORMAT = {"format": "dragoman-models", "version": 1}
_MOST_MANIFEST = 16 << 20
_LEVEL = 6
_CHUNK = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,254}")
_TAKEN = (".bin", ".json", ".spm", ".txt")


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


def import_bundle(
    file: Path, home: Path, *, choices: Choices = USUAL, trusted: Path | None = None
) -> tuple[list[Installed], Seal]:
    """Installs every model of a bundle, or none. `trusted`: public keys, one of which must have signed it.

    Raises Untrusted for a bundle that is not what its manifest says, or whose manifest is not signed by one of them.
    """
    with opened(home), workplace(home) as work:
        with _reading(file) as archive:
            members = _members(archive)
            manifest = _opening(archive, members)
            second = next(members, None)
            signed = second is not None and second.name == SIGNATURE
            seal = _sealed(manifest, _small(archive, second) if second and signed else None, trusted)
            models = _announced(manifest)
            for model_id in models:
                ensure_free(home, model_id, choices)
            _unpack(archive, members if signed else chain(filter(None, [second]), members), models, work)
        cards = [_checked(work / model_id, model_id, choices) for model_id in models]
        tried = [_tried(card, choices) for card in cards]
        return [
            Installed(
                licence_known=check(card.licence, allow_non_commercial=True) is not Terms.UNKNOWN,
                tried=tuple(lines),
                network=network,
                replaced=put(card.path, home, card.id),
                card=read_card(home / card.id),
            )
            for card, (lines, network) in zip(cards, tried, strict=True)
        ], seal


def _files(card: ModelCard, folder: Path) -> dict[str, Path]:
    """What belongs to a model. One that came without a card, or without checksums, leaves with them."""
    card.verify()
    there = [
        each
        for each in sorted(card.path.iterdir())
        if each.suffix in _TAKEN and each.name not in (CARD_NAME, MEASURED)
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
        **_FORMAT,
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


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            file.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as stream,
            tarfile.open(fileobj=stream, mode="r|") as archive,
        ):
            yield archive
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise Untrusted(
            f"{file.name} is not a whole bundle of models: it is damaged, cut short, or something else."
        ) from error


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """One after the other, as they come; each has to be read before the next."""
    while (member := archive.next()) is not None:
        yield member


def _opening(archive: tarfile.TarFile, members: Iterator[tarfile.TarInfo]) -> bytes:
    first = next(members, None)
    if first is None or first.name != MANIFEST:
        raise Untrusted(f"It does not begin with {MANIFEST}, and so is no bundle of models.")
    return _small(archive, first)


def _small(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = archive.extractfile(member) if member.isreg() and member.size <= _MOST_MANIFEST else None
    if content is None:
        raise Untrusted(f"Its {member.name[:80]} is no plain file of a likely size.")
    return content.read()


def _sealed(manifest: bytes, stored: bytes | None, trusted: Path | None) -> Seal:
    if stored is None and trusted is not None:
        raise Untrusted(
            f"The bundle is not signed, and {trusted} says whose signature it must bear. It is refused."
        )
    if stored is None:
        return Seal()
    text = stored.decode("ascii", "replace")
    if trusted is None:
        return Seal(signature.signer(text))
    return Seal(signature.verify(manifest, text, trusted), trusted=True)


def _announced(content: bytes) -> dict[str, dict[str, tuple[str, int]]]:
    """Model id to its files' names to sha256 and size. Raises Untrusted for names that lead elsewhere."""
    try:
        models = _entries(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Untrusted("Its manifest is of no kind that is known here.") from error
    for model_id, files in models.items():
        if any(not _NAME.fullmatch(name) for name in (model_id, *files)) or CARD_NAME not in files:
            raise Untrusted(f"Its manifest names files that no model has, in {model_id[:80]!a}.")
    return models


def _entries(manifest: Mapping[str, Any]) -> dict[str, dict[str, tuple[str, int]]]:
    if {key: manifest[key] for key in _FORMAT} != _FORMAT:
        raise ValueError("another format")
    return {
        str(model["id"]): {
            str(name): (str(entry["sha256"]), int(entry["size"])) for name, entry in model["files"].items()
        }
        for model in manifest["models"]
    }


def _unpack(
    archive: tarfile.TarFile,
    members: Iterator[tarfile.TarInfo],
    models: Mapping[str, Mapping[str, tuple[str, int]]],
    work: Path,
) -> None:
    """Only what the manifest announces, each once, to where we say; checked as it is written."""
    missing = {
        f"models/{model}/{name}": (work / model / name, *entry)
        for model, files in models.items()
        for name, entry in files.items()
    }
    for member in members:
        expected = missing.pop(member.name, None)
        if expected is None or not member.isreg() or member.size != expected[2]:
            raise Untrusted(
                f"It holds {member.name[:120]!a}, which its manifest does not announce so. It is refused."
            )
        target, digest, _ = expected
        target.parent.mkdir(exist_ok=True)
        if _written(archive, member, target) != digest:
            raise Untrusted(
                f"{member.name} is not the file that the manifest announces (sha256). The bundle is refused."
            )
    if missing:
        raise Untrusted(f"It lacks {', '.join(sorted(missing)[:3])}. It is refused.")


def _written(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    digest = hashlib.sha256()
    content = archive.extractfile(member)
    with target.open("wb") as out:
        while content is not None and (chunk := content.read(_CHUNK)):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _checked(folder: Path, model_id: str, choices: Choices) -> ModelCard:
    card = read_card(folder)
    if card.id != model_id:
        raise Untrusted(f"The card of {model_id} is that of {card.id[:80]!a}. The bundle is refused.")
    check(card.licence, allow_non_commercial=choices.allow_non_commercial)
    card.verify()
    return card


def _tried(card: ModelCard, choices: Choices) -> tuple[list[str], str]:
    if not choices.self_test:
        return [], ""
    answer = sandbox.run("models.install.trial", {"folder": str(card.path)})
    return answer["trial"], answer["network"]

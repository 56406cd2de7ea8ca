"""Installs the models of a bundle (bundle.py): all of them, or none."""

import hashlib
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import zstandard

from models.card import CARD_NAME, ModelCard, read_card
from models.contracts import Untrusted
from models.install import sandbox, signature
from models.install.bundle import FORMAT, MANIFEST, SIGNATURE, Seal
from models.install.installer import (
    USUAL,
    Choices,
    Installed,
    ensure_free,
    keep_memory,
    opened,
    put,
    workplace,
)
from models.install.licence import Terms, check
from models.install.room import ensure_room
from models.strictjson import parsed

_NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,254}")
_MOST_MANIFEST = 16 << 20
_MOST_EXTENSION = 64 << 10
_EXTENSIONS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_CHUNK = 1 << 20


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
            ensure_room(work, sum(size for files in models.values() for _, size in files.values()), file.name)
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


class _Member(tarfile.TarInfo):
    """tarfile reads a header's extension into memory whole, however large it says that it is."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Member":
        found = super().frombuf(buf, encoding, errors)
        if found.type == tarfile.GNUTYPE_SPARSE or (
            found.type in _EXTENSIONS and found.size > _MOST_EXTENSION
        ):
            raise tarfile.ReadError("a header that no bundle has")
        return found


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            file.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as stream,
            tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive,
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
        models = _entries(parsed(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Untrusted("Its manifest is of no kind that is known here.") from error
    for model_id, files in models.items():
        if any(not _NAME.fullmatch(name) for name in (model_id, *files)) or CARD_NAME not in files:
            raise Untrusted(f"Its manifest names files that no model has, in {model_id[:80]!a}.")
    return models


def _entries(manifest: Mapping[str, Any]) -> dict[str, dict[str, tuple[str, int]]]:
    if {key: manifest[key] for key in FORMAT} != FORMAT:
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
    keep_memory(card.path, answer["memory"])
    return answer["trial"], answer["network"]

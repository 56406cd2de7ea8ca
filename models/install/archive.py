"""The files of a model out of a zip, and nothing else: by their own names into one folder, whatever paths they bear."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO

from models.contracts import InstallError, Untrusted
from models.install.room import ensure_room

_WANTED = (
    "decoder.yml", "*.npz", "*.vocab.yml", "*vocab*.yml", "source.spm", "target.spm", "source.bpe", "target.bpe",
    "README.md", "LICENSE", "metadata.json", "sentencepiece.model", "config.json", "model.bin", "*_vocabulary.json",
    "*_vocabulary.txt", "model.safetensors", "pytorch_model.bin", "vocab.json", "target_vocab.json",
    "tokenizer_config.json", "card.json",
)  # fmt: skip
_MODEL = "model"
"""The folder within an Argos package that holds what the engine loads."""
MOST_BYTES = 16 << 30
_COPY = 1 << 20
_LONGEST = 200
"""Bytes or so that a file system takes for a name; nothing wanted is named longer."""
_ENCRYPTED = 0x1
_UNREADABLE = (
    zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, lzma.LZMAError, UnicodeDecodeError, OSError,
)  # fmt: skip
"""What zipfile raises over a file that is cut off, damaged, or packed in unknown ways. OSError: of bzip2, and of
seeking to where a damaged entry points."""


class Damaged(InstallError):
    """Not a zip, or not all of one."""


def unzip(file: Path, into: Path, *, most: int = MOST_BYTES) -> tuple[str, ...]:
    """The paths of everything in it, taken out or not.

    Raises InstallError for what is no zip or finds no room, Untrusted for one that would overwrite, or fill the disk.
    """
    into.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with _legible(file):
            archive = stack.enter_context(zipfile.ZipFile(file))
        members = [each for each in archive.infolist() if not each.is_dir()]
        if sum(each.file_size for each in members) > most:
            raise Untrusted(f"{file.name} would unpack to more than {most >> 30} GiB.")
        if any(each.flag_bits & _ENCRYPTED for each in members):
            raise InstallError(f"{file.name} is encrypted.")
        wanted = [each for each in members if _is_wanted(each)]
        ensure_room(into, sum(each.file_size for each in wanted), file.name)
        for member in wanted:
            _take(archive, member, file, into)
        return tuple(each.filename for each in members)


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(member.filename).name
    return len(name) <= _LONGEST and any(fnmatch(name, pattern) for pattern in _WANTED)


def _take(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path, into: Path) -> None:
    path = PurePosixPath(member.filename)
    target = into / _MODEL / path.name if path.parent.name == _MODEL else into / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise Untrusted(f"{file.name} holds {path.name} twice.")
    with ExitStack() as stack:
        with _legible(file):
            source = stack.enter_context(archive.open(member))
        out = stack.enter_context(target.open("wb"))
        # zipfile gives no more than the zip says there is.
        while chunk := _read(source, file):
            out.write(chunk)


def _read(source: IO[bytes], file: Path) -> bytes:
    with _legible(file):
        return source.read(_COPY)


@contextmanager
def _legible(file: Path) -> Iterator[None]:
    """Around what reads alone: a disk that cannot be written to is another matter."""
    try:
        yield
    except _UNREADABLE as error:
        raise Damaged(f"{file.name} is not a zip that can be read.") from error

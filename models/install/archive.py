"""The files of a model out of a zip, and nothing else: by their own names into one folder, whatever paths they bear."""

import lzma
import shutil
import zipfile
import zlib
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from models.contracts import InstallError, Untrusted

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
_ENCRYPTED = 0x1
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, lzma.LZMAError)
"""What zipfile raises over a file that is cut off, damaged, or packed in ways it does not know."""


def unzip(file: Path, into: Path, *, most: int = MOST_BYTES) -> None:
    """Raises InstallError for what is no zip, Untrusted for one that would overwrite, or fill the disk."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            if sum(each.file_size for each in members) > most:
                raise Untrusted(f"{file.name} would unpack to more than {most >> 30} GiB.")
            if any(each.flag_bits & _ENCRYPTED for each in members):
                raise InstallError(f"{file.name} is encrypted.")
            for member in members:
                _take(archive, member, into, most=most)
    except _UNREADABLE as error:
        raise InstallError(f"{file.name} is not a zip that can be read.") from error


def _take(archive: zipfile.ZipFile, member: zipfile.ZipInfo, into: Path, *, most: int) -> None:
    path = PurePosixPath(member.filename)
    if not any(fnmatch(path.name, pattern) for pattern in _WANTED):
        return
    target = into / _MODEL / path.name if path.parent.name == _MODEL else into / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise Untrusted(f"{archive.filename} holds {path.name} twice.")
    with archive.open(member) as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, _COPY)
        if out.tell() > min(most, member.file_size):
            raise Untrusted(f"{archive.filename}: {path.name} is larger than its zip says.")

"""The form of a backup: a tar in zstd, sealed where a key is given, that other programs can open too.

about.json             what made it, and the schema
tables/NAME/000000     some rows: a line that names the columns, then a line of JSON a row; bytes as {"base64": …}
blobs/NAME             the files of jobs, as they are
manifest.json          the last: rows and checksum of every table, size and SHA-256 of every file
"""

import base64
import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import orjson
import zstandard

from app.backup.sealing import MAGIC, Opener, Sealer
from app.errors import ConfigurationError, DamagedBackup

if TYPE_CHECKING:
    from _typeshed import SupportsRead

FORM = 1

_ABOUT, _MANIFEST = "about.json", "manifest.json"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class About:
    form: int
    dragoman: str
    """The release that made it."""
    schema: str
    database: str
    """`sqlite` or `postgresql`; it can be restored into either."""
    created_at: str


@dataclass(frozen=True, slots=True)
class TableSum:
    name: str
    rows: int
    sha256_sum: str
    """app.storage.moving.RowSum."""


@dataclass(frozen=True, slots=True)
class FileSum:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    tables: tuple[TableSum, ...]
    files: tuple[FileSum, ...]
    deleted: tuple[str, ...]
    """Jobs of these rows whose files were deleted while the backup was made: to be deleted in the copy, too."""
    missing: tuple[str, ...]
    """Files that a job names and that were not there, or not what was stored."""


@dataclass(frozen=True, slots=True)
class Part:
    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Writer:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._parts = 0

    def about(self, about: About) -> None:
        self._add(_ABOUT, orjson.dumps(asdict(about)))

    def rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        lines = [orjson.dumps(list(columns)), *(orjson.dumps(list(row), default=_encoded) for row in rows)]
        self._add(f"tables/{table}/{self._parts:06}", b"\n".join(lines))
        self._parts += 1

    def blob(self, name: str, file: BinaryIO, size: int) -> FileSum:
        info = tarfile.TarInfo(f"blobs/{name}")
        info.size = size
        hashed = _Hashing(file)
        self._tar.addfile(info, hashed)
        return FileSum(name, size, hashed.hexdigest())

    def manifest(self, manifest: Manifest) -> None:
        self._add(_MANIFEST, orjson.dumps(asdict(manifest)))

    def _add(self, name: str, content: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        self._tar.addfile(info, io.BytesIO(content))


@contextmanager
def writing(file: BinaryIO, key: bytes | None) -> Iterator[Writer]:
    """An archive that ends only where the block does: one that raised has no manifest and does not verify."""
    sink: Any = file if key is None else Sealer(file, key)
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    with (
        compressor.stream_writer(sink, closefd=False) as packed,
        tarfile.open(mode="w|", fileobj=packed, format=tarfile.PAX_FORMAT) as tar,
    ):
        yield Writer(tar)
    if key is not None:
        sink.finish()


def read(
    file: Path,
    key: bytes | None,
    *,
    part: Callable[[Part], None],
    blob: "Callable[[str, SupportsRead[bytes]], None]",
) -> tuple[About, Manifest]:
    """Hands on what is in it, in its order, as it is read: nothing is proved before this returns.

    Raises DamagedBackup, and ConfigurationError where it is sealed and there is no key, or the other way round.
    """
    about: About | None = None
    manifest: Manifest | None = None
    with _members(file, key) as members:
        for name, stream in members:
            if name == _ABOUT:
                about = _about(stream.read())
            elif name == _MANIFEST:
                manifest = _manifest(stream.read())
            elif name.startswith("tables/"):
                part(_part(name.split("/")[1], stream.read()))
            elif name.startswith("blobs/"):
                blob(name.removeprefix("blobs/"), stream)
    if about is None or manifest is None:
        raise DamagedBackup("The backup is damaged: it was cut short.")
    return about, manifest


@contextmanager
def _members(file: Path, key: bytes | None) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    try:
        with file.open("rb") as raw:
            source = _opened(raw, file, key)
            unpacked = zstandard.ZstdDecompressor().stream_reader(source, closefd=False)
            with tarfile.open(mode="r|", fileobj=unpacked) as tar:
                yield _each(tar)
            for each in (unpacked, source):  # zstd's checksum, and the last frame, are at the very end
                while each.read(_PIECE):
                    pass
    except (tarfile.TarError, zstandard.ZstdError, EOFError, LookupError, TypeError, ValueError) as error:
        raise DamagedBackup("The backup is damaged, or is none.") from error


def _each(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        stream = tar.extractfile(member)
        if stream is None:
            raise DamagedBackup("The backup is damaged: it holds something other than files.")
        yield member.name, stream


def _opened(raw: BinaryIO, file: Path, key: bytes | None) -> IO[bytes]:
    sealed = raw.read(len(MAGIC)) == MAGIC
    if sealed and key is None:
        raise ConfigurationError(f"{file} is sealed. Give the key that it was made with (--key-file).")
    if not sealed and key is not None:
        raise ConfigurationError(f"{file} is not sealed, so no key belongs to it: leave --key-file out.")
    if key is not None:
        return io.BufferedReader(Opener(raw, key), _PIECE)
    raw.seek(0)
    return raw


def _about(content: bytes) -> About:
    found = orjson.loads(content)
    if found["form"] != FORM:
        raise ConfigurationError(
            f"The backup has form {found['form']}, this release reads {FORM}. Restore it with a newer Dragoman."
        )
    return About(**found)


def _manifest(content: bytes) -> Manifest:
    found = orjson.loads(content)
    return Manifest(
        tuple(TableSum(**each) for each in found["tables"]),
        tuple(FileSum(**each) for each in found["files"]),
        tuple(found["deleted"]),
        tuple(found["missing"]),
    )


def _part(table: str, content: bytes) -> Part:
    columns, *rows = (orjson.loads(line) for line in content.split(b"\n"))
    return Part(table, tuple(columns), [tuple(map(_decoded, row)) for row in rows])


def _encoded(value: object) -> dict[str, str]:
    if isinstance(value, (bytes, memoryview)):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError


def _decoded(value: object) -> object:
    return base64.b64decode(value["base64"], validate=True) if isinstance(value, dict) else value


class _Hashing(io.RawIOBase):
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        return data

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

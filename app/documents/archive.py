"""ZIP archives read with suspicion: names, sizes and nesting are checked before and while anything is unpacked."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from app.documents.limits import Limits
from app.errors import DamagedDocument, EncryptedDocument

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 0x1
_BLOCK = 65_536
# LZMA claims a dictionary of up to 4 GB in its header; no program writes documents with it or bzip2.
_KNOWN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DIRECTORY_ENTRY = b"PK\x01\x02"
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Entry:
    info: zipfile.ZipInfo
    data: bytes

    @property
    def name(self) -> str:
        return self.info.filename


@dataclass(frozen=True, slots=True)
class Archive:
    entries: tuple[Entry, ...]
    """In the order of the directory, folders included."""
    comment: bytes = b""
    source: bytes = field(default=b"", repr=False)
    """All of it as it came."""

    @classmethod
    def read(cls, data: bytes, limits: Limits) -> Self:
        """Everything unpacked. Raises DamagedDocument, EncryptedDocument or TooLarge."""
        limits.check_bytes(len(data))
        limits.check_entries(data.count(_DIRECTORY_ENTRY))
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as opened:
                infos = opened.infolist()
                _check(infos, limits)
                return cls(tuple(_entries(opened, infos, limits)), opened.comment, data)
        except _BROKEN as error:
            raise DamagedDocument("The archive is damaged: a part of it cannot be unpacked.") from error

    def data(self, name: str) -> bytes | None:
        return next((each.data for each in self.entries if each.name == name), None)


def is_archive(data: bytes) -> bool:
    return data.startswith(_MAGIC)


def is_cut(data: bytes) -> bool:
    """An archive, by its beginning, without the list of files that stands at its end."""
    return is_archive(data) and not zipfile.is_zipfile(io.BytesIO(data))


def names(data: bytes, limits: Limits) -> tuple[str, ...]:
    """Of the files in an archive; none where it is none, or too damaged to say."""
    if not is_archive(data):
        return ()
    limits.check_entries(data.count(_DIRECTORY_ENTRY))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            found = opened.infolist()
    except _BROKEN:
        return ()
    return tuple(each.filename for each in found)


def write(archive: Archive, changed: Mapping[str, bytes], renamed: Mapping[str, str] | None = None) -> bytes:
    """The archive with other contents under some of its names; order, times, methods and the rest as they were.

    What is unchanged is copied as it was packed.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as opened:
        opened.comment = archive.comment
        for entry in archive.entries:
            name = (renamed or {}).get(entry.name, entry.name)
            if entry.name in changed:
                opened.writestr(_described(entry.info, name), changed[entry.name])
            else:
                _copy(opened, out, _described(entry.info, name), entry, archive.source)
    return out.getvalue()


def _described(info: zipfile.ZipInfo, name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, info.date_time)
    for attribute in (
        "compress_type",
        "comment",
        "extra",
        "create_system",
        "external_attr",
        "internal_attr",
    ):
        setattr(made, attribute, getattr(info, attribute))
    return made


def _copy(
    opened: zipfile.ZipFile, out: io.BytesIO, made: zipfile.ZipInfo, entry: Entry, source: bytes
) -> None:
    """As zipfile's own writing ends: it has no call that takes what is packed already."""
    info = entry.info
    name, extra = struct.unpack_from("<HH", source, info.header_offset + 26)
    start = info.header_offset + 30 + name + extra
    made.CRC, made.file_size, made.compress_size = info.CRC, len(entry.data), info.compress_size
    made.header_offset = out.tell()
    out.write(made.FileHeader(zip64=False))
    out.write(source[start : start + info.compress_size])
    opened.filelist.append(made)
    opened.NameToInfo[made.filename] = made
    opened.start_dir = out.tell()


def _check(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    limits.check_entries(len(infos))
    seen: set[str] = set()
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise EncryptedDocument(
                "The archive is password-protected. Remove the password and send it again."
            )
        if info.compress_type not in _KNOWN:
            raise DamagedDocument("The archive is packed with a method that is not supported.")
        if _escapes(info.filename):
            raise DamagedDocument("The archive holds a file whose name leads out of it.")
        if info.filename in seen:
            raise DamagedDocument("The archive holds two files of one name.")
        seen.add(info.filename)


def _escapes(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or parts[0][1:2] == ":" or "\x00" in name


def _entries(opened: zipfile.ZipFile, infos: list[zipfile.ZipInfo], limits: Limits) -> list[Entry]:
    total = 0
    found: list[Entry] = []
    for info in infos:
        blocks: list[bytes] = []
        with opened.open(info) as stream:
            while block := stream.read(_BLOCK):
                total += len(block)
                limits.check_expanded(total)
                blocks.append(block)
        found.append(Entry(info, b"".join(blocks)))
    return found

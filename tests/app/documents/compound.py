"""Writes OLE compound files (MS-CFB, version 3), as a mail program does, and Outlook messages in them."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.documents.outlook import _FIRST_DAY, MAGIC

Tree = Mapping[str, "bytes | Tree"]
SECTOR, MINI, CUT = 512, 64, 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5


@dataclass(slots=True)
class _Entry:
    name: str
    kind: int
    content: bytes = b""
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE
    start: int = _END


@dataclass(slots=True)
class _Chains:
    size: int
    table: list[int] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    known: dict[bytes, int] | None = None
    """Where equal contents are, if they are to be written once."""

    def add(self, content: bytes) -> int:
        if not content:
            return _END
        if self.known is not None:
            if content in self.known:
                return self.known[content]
            self.known[content] = len(self.table)
        first, count = len(self.table), -(-len(content) // self.size)
        self.table += [*range(first + 1, first + count), _END]
        self.data += content.ljust(count * self.size, b"\0")
        return first


def compound(tree: Tree, *, shared: bool = False) -> bytes:
    """`shared`: streams of one content have one place in the file, which no honest program does."""
    entries = [_Entry("Root Entry", _ROOT)]
    entries[0].child = _add(entries, tree)
    small, large = _Chains(MINI), _Chains(SECTOR, known={} if shared else None)
    for entry in entries[1:]:
        if entry.kind == _STREAM:
            entry.start = (small if len(entry.content) < CUT else large).add(entry.content)
    entries[0].content = bytes(small.data)
    entries[0].start = large.add(entries[0].content)
    mini = large.add(struct.pack(f"<{len(small.table)}I", *small.table))
    directory = large.add(b"".join(map(_written, entries)))
    return _file(large, mini=mini, directory=directory, mini_entries=len(small.table))


def _add(entries: list[_Entry], tree: Tree) -> int:
    """A balanced tree of siblings, in the order of the specification."""
    names = sorted(tree, key=lambda name: (len(name), name.upper()))
    numbers: list[int] = []
    for name in names:
        content = tree[name]
        numbers.append(len(entries))
        if isinstance(content, bytes):
            entries.append(_Entry(name, _STREAM, content))
        else:
            entries.append(made := _Entry(name, _STORAGE))
            made.child = _add(entries, content)
    return _balanced(entries, numbers)


def _balanced(entries: list[_Entry], numbers: Sequence[int]) -> int:
    if not numbers:
        return _FREE
    middle = len(numbers) // 2
    here = entries[numbers[middle]]
    here.left = _balanced(entries, numbers[:middle])
    here.right = _balanced(entries, numbers[middle + 1 :])
    return numbers[middle]


def _written(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    size = 0 if entry.kind == _STORAGE else len(entry.content)
    return struct.pack(
        "<64sHBBIII16sIQQIQ", name, len(name), entry.kind, 1, entry.left, entry.right, entry.child, b"", 0, 0, 0,
        0 if entry.kind == _STORAGE else entry.start, size,
    )  # fmt: skip


def _file(large: _Chains, *, mini: int, directory: int, mini_entries: int) -> bytes:
    fats = 1
    while (len(large.table) + fats) * 4 > fats * SECTOR:
        fats += 1
    first = len(large.table)
    table = [*large.table, *[_FAT] * fats]
    table += [_FREE] * (fats * SECTOR // 4 - len(table))
    minis = -(-mini_entries * 4 // SECTOR)
    head = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", MAGIC, b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, fats, directory, 0, CUT,
        mini if minis else _END, minis, _END, 0, first,
    )  # fmt: skip
    spread = [first + number for number in range(1, fats)] + [_FREE] * (109 - fats)
    return head + struct.pack("<108I", *spread) + bytes(large.data) + struct.pack(f"<{len(table)}I", *table)


def outlook(
    *,
    subject: str = "",
    body: str | None = None,
    html: bytes | None = None,
    rtf: bytes | None = None,
    sender: tuple[str, str] = ("", ""),
    to: Sequence[tuple[str, str]] = (),
    sent: datetime | None = None,
    attachments: Sequence["Mapping[str, Any]"] = (),
    kind: str = "IPM.Note",
    codepage: int | None = None,
) -> bytes:
    """`attachments`: `name`, and `data` or, of a message within, `tree`; `media_type`, `cid` where they have one."""
    return compound(message(**{name: value for name, value in locals().items() if value is not None}))


def message(*, within: bool = False, **said: Any) -> Tree:
    wide = codepage is None if (codepage := said.get("codepage")) is None else False
    texts = {0x001A: said.get("kind", "IPM.Note"), 0x0037: said.get("subject"), 0x1000: said.get("body")}
    texts[0x0C1A], texts[0x5D01] = said.get("sender", ("", ""))
    tree: dict[str, bytes | Tree] = {}
    for number, text in texts.items():
        if text:
            tree |= _text(number, text, None if wide else f"cp{codepage}")
    for number, content in ((0x1013, said.get("html")), (0x1009, said.get("rtf"))):
        if content is not None:
            tree[f"__substg1.0_{number:04X}0102"] = content
    fixed = b""
    if said.get("sent"):
        moment = (said["sent"] - _FIRST_DAY) // timedelta(microseconds=1) * 10
        fixed += struct.pack("<HHIQ", 0x0040, 0x0039, 6, moment)
    if codepage:
        fixed += struct.pack("<HHIQ", 0x0003, 0x3FFD, 6, codepage)
    for number, (name, address) in enumerate(said.get("to", ())):
        person = {**_text(0x3001, name), **_text(0x39FE, address)}
        person["__properties_version1.0"] = bytes(8) + struct.pack("<HHIQ", 0x0003, 0x0C15, 6, 1 + number % 2)
        tree[f"__recip_version1.0_#{number:08X}"] = person
    for number, attachment in enumerate(said.get("attachments", ())):
        tree[f"__attach_version1.0_#{number:08X}"] = _attachment(attachment)
    tree["__properties_version1.0"] = bytes(24 if within else 32) + fixed
    tree["__nameid_version1.0"] = {"__substg1.0_00020102": b""}
    return tree


def _attachment(said: Mapping[str, Any]) -> Tree:
    tree: dict[str, bytes | Tree] = dict(_text(0x3707, said.get("name", "")))
    if "tree" in said:
        tree["__substg1.0_3701000D"] = said["tree"]
    else:
        tree["__substg1.0_37010102"] = said["data"]
    for number, name in ((0x370E, "media_type"), (0x3712, "cid")):
        if name in said:
            tree |= _text(number, said[name])
    tree["__properties_version1.0"] = bytes(8)
    return tree


def _text(number: int, text: str, encoding: str | None = None) -> dict[str, bytes]:
    if encoding is None:
        return {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le")}
    return {f"__substg1.0_{number:04X}001E": text.encode(encoding)}


def packed(rtf: bytes) -> bytes:
    """As LZFu, with literals alone but for the mark of the end."""
    out = bytearray()
    place = 207
    for start in range(0, len(rtf), 8):
        piece = rtf[start : start + 8]
        place += len(piece)
        if len(piece) == 8:
            out += b"\0" + piece
        else:
            out += bytes([1 << len(piece)]) + piece + struct.pack(">H", place % 4096 << 4)
    if len(rtf) % 8 == 0:
        out += b"\1" + struct.pack(">H", place % 4096 << 4)
    return struct.pack("<II4sI", len(out) + 12, len(rtf), b"LZFu", 0) + bytes(out)

"""RTF as Outlook packs it (MS-OXRTFCP), and the HTML that it may hold within (MS-OXRTFEX)."""

import re
import struct

_PACKED, _PLAIN = b"LZFu", b"MELA"
_HEADER = 16
_WINDOW = 4096
_BEFORE = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the window holds at first."""
_MOST = 50_000_000
"""Bytes unpacked: a reference of two bytes gives 17 at most, so that this is a message of some megabytes."""
_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.DOTALL,
)
_CODEPAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_BREAKS = {b"par": "\r\n", b"line": "\r\n", b"tab": "\t", b"lquote": "&lsquo;", b"rquote": "&rsquo;",
           b"ldblquote": "&ldquo;", b"rdblquote": "&rdquo;", b"bullet": "&bull;", b"endash": "&ndash;",
           b"emdash": "&mdash;"}  # fmt: skip
_SYMBOLS = {b"~": "&nbsp;", b"_": "&shy;", b"\\": "\\", b"{": "{", b"}": "}"}
_UNKNOWN = frozenset({b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"pntext"})


def unpacked(data: bytes) -> bytes:
    """Raises ValueError or struct.error for what is no such stream."""
    _, size, mark, _ = struct.unpack_from("<II4sI", data)
    if mark == _PLAIN:
        return data[_HEADER : _HEADER + size]
    if mark != _PACKED or size > _MOST:
        raise ValueError("no packed RTF")
    window = bytearray(_BEFORE.ljust(_WINDOW, b" "))
    place, out, position = len(_BEFORE), bytearray(), _HEADER
    while position < len(data) and len(out) < size:
        control = data[position]
        position += 1
        for bit in range(8):
            if position >= len(data):
                break
            if not control >> bit & 1:
                piece, position = data[position : position + 1], position + 1
            else:
                (reference,) = struct.unpack_from(">H", data, position)
                position += 2
                start = reference >> 4
                if start == place:
                    return bytes(out[:size])
                # A reference may run into what it is only just writing.
                piece = b""
                for offset in range((reference & 15) + 2):
                    byte = window[(start + offset) % _WINDOW]
                    window[place] = byte
                    place = (place + 1) % _WINDOW
                    piece += bytes([byte])
                out += piece
                continue
            window[place] = piece[0]
            place = (place + 1) % _WINDOW
            out += piece
    return bytes(out[:size])


def html(rtf: bytes) -> str:
    """What the RTF was made from; empty where that was no HTML."""
    if b"\\fromhtml1" not in rtf[:2_000]:
        return ""
    return _Within(rtf).read()


class _Within:
    r"""Text outside of `{\*\htmltag …}` counts unless `\htmlrtf` says that it is for RTF readers alone."""

    def __init__(self, rtf: bytes) -> None:
        codepage = _CODEPAGE.search(rtf[:2_000])
        self._encoding = f"cp{codepage[1].decode()}" if codepage else "cp1252"
        self._rtf = rtf
        self._out: list[str] = []
        self._bytes = bytearray()
        self._groups: list[tuple[bool, bool]] = [(False, False)]
        """Of each open group: nothing in it counts; its text is for RTF readers alone."""
        self._skip = 0
        """Characters to come that stand for a Unicode one."""

    def read(self) -> str:
        for token in _TOKEN.finditer(self._rtf):
            hexed, word, number, symbol, brace, text = token.groups()
            if hexed:
                self._raw(bytes.fromhex(hexed.decode()))
            elif text:
                self._raw(text)
            elif brace:
                self._group(brace)
            elif word:
                self._word(word, number)
            elif symbol:
                self._symbol(symbol, token.end())
        self._decode()
        return "".join(self._out)

    @property
    def _silent(self) -> bool:
        return any(self._groups[-1])

    def _raw(self, content: bytes) -> None:
        skipped = min(self._skip, len(content))
        self._skip -= skipped
        if not self._silent:
            self._bytes += content[skipped:]

    def _say(self, text: str) -> None:
        if not self._silent:
            self._decode()
            self._out.append(text)

    def _decode(self) -> None:
        if self._bytes:
            self._out.append(self._bytes.decode(self._encoding, "replace"))
            self._bytes.clear()

    def _group(self, brace: bytes) -> None:
        if brace == b"{":
            self._groups.append(self._groups[-1])
        elif len(self._groups) > 1:
            self._groups.pop()

    def _word(self, word: bytes, number: bytes | None) -> None:
        unknown, for_rtf = self._groups[-1]
        if word == b"htmlrtf":
            self._groups[-1] = (unknown, number != b"0")
        elif word in _UNKNOWN:
            self._groups[-1] = (True, for_rtf)
        elif word == b"u" and number:
            code = int(number) % 65_536
            self._say(f"&#{code};" if not 0xD800 <= code < 0xE000 else "")
            self._skip = 1
        elif word in _BREAKS:
            self._say(_BREAKS[word])

    def _symbol(self, symbol: bytes, end: int) -> None:
        if symbol == b"*":
            # A destination: of those, only what HTML was is read.
            unknown = not re.compile(rb"\\htmltag").match(self._rtf, end)
            self._groups[-1] = (unknown or self._groups[-1][0], self._groups[-1][1])
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])

"""Where records come from: a file, or standard input, read by one thread and closed by another."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.bulk.output import STDIO
from app.errors import ConfigurationError

_PATIENCE = 0.2
"""Seconds that closing waits for a read to end. That of a file does; that of a silent pipe need not."""


class Lines:
    """Lines of a stream, with their endings.

    Closing a stream waits for whoever reads it, for ever where that is a pipe nobody writes to: Ctrl-C would hang.
    So a stream in the middle of a read is left open, and ends with the program.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._reading = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        while line := self._next():
            yield line

    def close(self) -> None:
        if self._reading.acquire(timeout=_PATIENCE):
            try:
                self._stream.close()
            finally:
                self._reading.release()

    def _next(self) -> bytes:
        with self._reading:
            return b"" if self._stream.closed else self._stream.readline()


@contextmanager
def opened(corpus: Path) -> Iterator[Lines]:
    """Raises ConfigurationError."""
    lines = Lines(_stream(corpus))
    try:
        yield lines
    finally:
        lines.close()


def _stream(corpus: Path) -> BinaryIO:
    if corpus == STDIO:
        # Not sys.stdin: the interpreter waits for whoever reads that, also after Ctrl-C.
        return open(0, "rb", closefd=False)
    try:
        return corpus.open("rb")
    except OSError as error:
        raise ConfigurationError(f"{corpus} cannot be read: {error.strerror}.") from error

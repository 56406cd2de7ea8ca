"""Where translated records are written: files that take their names only when they are whole, or standard output."""

import gzip
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self, cast

from app.bulk.added import Answers
from app.bulk.encoding import UTF_8, Encoder
from app.bulk.extras import zstandard
from app.bulk.form import Form
from app.bulk.input import GZIP, ZSTANDARD
from app.bulk.record import Record
from app.errors import StorageError


class Writer(Protocol):
    def write(self, record: Record, answers: Answers) -> None:
        """Raises StorageError, and UnicodeEncodeError, with nothing written, for what the encoding has no sign for."""


class LineWriter:
    """Packed as the name of the file says. Left without an error, it is on the disk."""

    def __init__(self, path: Path, form: Form, *, named: str, encoding: str = UTF_8) -> None:
        """`named`: what it will be called, which says how it is packed."""
        self._path = path
        self._form = form
        self._encoder = Encoder(encoding)
        self._suffix = Path(named).suffix.lower()

    def __enter__(self) -> Self:
        try:
            self._file: BinaryIO = self._path.open("wb")
        except OSError as error:
            raise self._unwritable(error) from error
        self._stream = _packed(self._file, self._suffix)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if kind is not None:
                return
            try:
                if self._stream is not self._file:
                    self._stream.close()
                self._file.flush()
                os.fsync(self._file.fileno())
            except OSError as failed:
                raise self._unwritable(failed) from failed

    def write(self, record: Record, answers: Answers) -> None:
        data = self._encoder(self._form.write(record, answers))
        try:
            self._stream.write(data)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(f"{self._path} cannot be written: {error.strerror}.")


class StreamWriter:
    """Standard output, a record at a time."""

    def __init__(self, form: Form, *, encoding: str = UTF_8) -> None:
        self._form = form
        self._encoder = Encoder(encoding)
        self._stream = sys.stdout.buffer

    def write(self, record: Record, answers: Answers) -> None:
        """Raises BrokenPipeError when the reader went away."""
        self._stream.write(self._encoder(self._form.write(record, answers)))


def _packed(file: BinaryIO, suffix: str) -> BinaryIO:
    """The same bytes for the same content, whenever it is written."""
    if suffix == GZIP:
        return cast("BinaryIO", gzip.GzipFile("", "wb", fileobj=file, mtime=0))
    if suffix == ZSTANDARD:
        return cast("BinaryIO", zstandard().ZstdCompressor().stream_writer(file, closefd=False))
    return file

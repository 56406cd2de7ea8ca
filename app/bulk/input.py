"""Lines of a file or of standard input: unpacked, and as UTF-8 whatever they were."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from app.bulk import stores
from app.bulk.encoding import UTF_8, carried
from app.bulk.extras import zstandard
from app.bulk.listing import STDIO
from app.errors import StorageError

GZIP, ZSTANDARD = ".gz", ".zst"


@contextmanager
def lines(
    address: str, *, named: str, encoding: str = UTF_8, spool: Path | None = None
) -> Iterator[Iterator[bytes]]:
    """Lines with their endings, as app.bulk.encoding carries them. `named`: what says how it is packed.
    `spool`: what is read is also written there, as it came.

    Raises ConfigurationError, and while reading StorageError.
    """
    with _opened(address) as stream, _unpacked(named, _spooled(stream, spool)) as unpacked:
        yield _told(address, named, _read(unpacked, encoding))


def _read(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    if encoding == UTF_8:
        yield from iter(stream.readline, b"")
        return
    with io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="\n") as text:
        for line in text:
            yield carried(line)


def _told(address: str, named: str, found: Iterator[bytes]) -> Iterator[bytes]:
    """Errors of a file in the middle are as much its own as those of opening it."""
    faults: tuple[type[Exception], ...] = (OSError, EOFError, zlib.error, UnicodeError)
    if named.lower().endswith(ZSTANDARD):
        faults = (*faults, zstandard().ZstdError)
    try:
        yield from found
    except faults as error:
        raise StorageError(f"{address} is damaged or cut short ({type(error).__name__}).") from error


@contextmanager
def _opened(address: str) -> Iterator[BinaryIO]:
    """Not closed where it is a pipe: that would wait for whoever reads it, for ever where nobody writes to it."""
    if address == STDIO:
        # Not sys.stdin: the interpreter waits for whoever reads that, also after Ctrl-C.
        yield open(0, "rb", closefd=False)  # noqa: SIM115  see above
        return
    with stores.opened(address) as stream:
        yield stream


def _unpacked(named: str, stream: BinaryIO) -> AbstractContextManager[BinaryIO]:
    suffix = Path(named).suffix.lower()
    if suffix == GZIP:
        return cast("AbstractContextManager[BinaryIO]", gzip.GzipFile(fileobj=stream))
    if suffix == ZSTANDARD:
        reader = zstandard().ZstdDecompressor().stream_reader(stream, read_across_frames=True, closefd=False)
        return cast("AbstractContextManager[BinaryIO]", io.BufferedReader(reader))
    return closing(stream)


def _spooled(stream: BinaryIO, spool: Path | None) -> BinaryIO:
    return stream if spool is None else cast("BinaryIO", _Copied(stream, spool))


class _Copied:
    """A stream that is written down as it is read."""

    def __init__(self, stream: BinaryIO, spool: Path) -> None:
        self._stream = stream
        self._spool = spool.open("wb")

    def readline(self) -> bytes:
        return self._kept(self._stream.readline())

    def read(self, size: int = -1) -> bytes:
        return self._kept(self._stream.read(size))

    def _kept(self, data: bytes) -> bytes:
        self._spool.write(data)
        return data

    def close(self) -> None:
        self._spool.close()

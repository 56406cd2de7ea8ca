"""Where translated records go: to a part file that takes its name only when it is whole, or to standard output."""

import os
import sys
from pathlib import Path
from typing import BinaryIO, Protocol, Self

import orjson

from app.errors import ConfigurationError, StorageError

STDIO = Path("-")


class Sink(Protocol):
    def write(self, data: bytes) -> None: ...
    def fail(self, line: int, code: str, message: str) -> None: ...


class FileOutput:
    """`OUT.part` until `commit`, and `OUT.failed.jsonl` from the first failed record on.

    Left without a commit, the part file stays if anything was written to it.
    """

    def __init__(self, path: Path, *, source: Path, force: bool = False) -> None:
        """Raises ConfigurationError that says why the file cannot be written."""
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self.failures = path.with_name(path.name + ".failed.jsonl")
        self.failed = 0
        self.empty = True
        self._force = force
        self._failed: BinaryIO | None = None
        self._refuse_source(source)
        if not force:
            self._refuse_existing()
        try:
            self._part: BinaryIO = self.part.open("wb" if force else "xb")
            if force:
                self.failures.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{self.part} cannot be written: {error.strerror}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._part.close()
        if self._failed is not None:
            self._failed.close()
        if self.empty:
            self.part.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Raises StorageError."""
        self.empty = False
        try:
            self._part.write(data)
        except OSError as error:
            raise self._unwritable(error) from error

    def fail(self, line: int, code: str, message: str) -> None:
        try:
            if self._failed is None:
                self._failed = self.failures.open("wb" if self._force else "xb")
            self._failed.write(orjson.dumps({"line": line, "code": code, "message": message}) + b"\n")
        except OSError as error:
            raise self._unwritable(error) from error
        self.failed += 1

    def commit(self) -> None:
        """The output is on the disk under its own name when this returns. Raises StorageError."""
        try:
            self._part.flush()
            os.fsync(self._part.fileno())
            self.part.replace(self.path)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self.path} cannot be written: {error.strerror}. What was done so far is in {self.part}."
        )

    def _refuse_source(self, source: Path) -> None:
        for target in (self.path, self.part, self.failures):
            if source != STDIO and target.exists() and source.exists() and source.samefile(target):
                raise ConfigurationError(
                    f"{target} would be written over while it is read. Name another --out."
                )

    def _refuse_existing(self) -> None:
        if self.path.exists():
            raise ConfigurationError(f"{self.path} exists already. Name another file, or say --force.")
        for kept in (self.part, self.failures):
            if kept.exists():
                raise ConfigurationError(
                    f"{kept} is there from an earlier or running job. Move it away, or say --force."
                )


class StreamOutput:
    """Standard output; failed records are named on standard error, each."""

    def __init__(self) -> None:
        self.failed = 0
        self.empty = True

    def write(self, data: bytes) -> None:
        """Raises BrokenPipeError when the reader went away."""
        self.empty = False
        sys.stdout.buffer.write(data)

    def fail(self, line: int, code: str, message: str) -> None:
        sys.stderr.write(f"line {line}: {code}: {message}\n")
        self.failed += 1

    def commit(self) -> None:
        sys.stdout.buffer.flush()

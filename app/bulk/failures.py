"""Records of which something failed: a corpus of their own, that can be translated again."""

from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

import orjson

from app.bulk.record import Record
from app.errors import StorageError

INVALID_RECORD = "invalid_record"
_WHAT = ("file", "line", "code", "message")
"""What each line begins with."""


class Failures(Protocol):
    def fail(self, name: str, record: Record, field: str | None, *, code: str, message: str) -> None: ...


class FailureFile:
    """One line of JSON a failure: where, why, and the texts by the names of their fields."""

    def __init__(self, path: Path, fields: Sequence[str]) -> None:
        self.path = path
        self.count = 0
        self._fields = fields
        self._names = {name: _beside(name, fields) for name in (*_WHAT, "key", "field")}

    def __enter__(self) -> Self:
        self._file: BinaryIO = self.path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def fail(self, name: str, record: Record, field: str | None, *, code: str, message: str) -> None:
        """Raises StorageError."""
        told: dict[str, Any] = {"file": name, "line": record.line, "code": code, "message": message}
        if record.key is not None:
            told["key"] = record.key
        if field is not None and len(self._fields) > 1:
            told["field"] = field
        told = {self._names[part]: value for part, value in told.items()}
        if record.texts:
            told.update(zip(self._fields, (text or "" for text in record.texts), strict=True))
        try:
            self._file.write(orjson.dumps(told, default=str) + b"\n")
        except OSError as error:
            raise StorageError(f"{self.path} cannot be written: {error.strerror}.") from error
        self.count += 1


def first(listed: Path, count: int) -> list[dict[str, Any]]:
    """File, line, code and message of so many failures, and nothing of the corpus. Raises OSError."""
    with listed.open("rb") as lines:
        return [dict(zip(_WHAT, orjson.loads(line).values(), strict=False)) for line in islice(lines, count)]


def _beside(name: str, fields: Collection[str]) -> str:
    """Another where a field of the corpus, which is to be found by it again, is called so."""
    while name in fields:
        name = f"failure_{name}"
    return name

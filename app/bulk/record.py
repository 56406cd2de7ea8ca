"""Records of a corpus, and windows of them: what is sent, charged and remembered as one."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

WINDOW_RECORDS = 200
WINDOW_CHARACTERS = 50_000
WINDOW_BYTES = 4_000_000
"""Half of what a server takes by default, and enough to fill a batch. Bounds that change make other windows: a run
begun before cannot go on, and says so."""


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    """Line on which it begins, or row, from 1."""
    raw: Any
    """What its format writes it from; of a line its bytes, ending included."""
    texts: tuple[str | None, ...]
    """A text a field, None where the field has none. Empty: no record, or one with a `problem`."""
    problem: str | None = None
    size: int = 0
    """Bytes."""
    key: Any = None
    """Of a row of a database."""

    @property
    def characters(self) -> int:
        return sum(len(text) for text in self.texts if text is not None)

    @property
    def counts(self) -> bool:
        """Blank lines and headings do not."""
        return bool(self.texts) or self.problem is not None


@dataclass(frozen=True)
class Window:
    """Texts enough for one request. It has the same number and the same records whenever the corpus is read."""

    number: int
    """From 1, through all files of a corpus. With the job it makes the idempotency key."""
    records: tuple[Record, ...]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(text for record in self.records for text in record.texts if text is not None)

    @cached_property
    def digest(self) -> str:
        """Tells whether the texts are what they were. Nothing else of a record decides what is asked for it."""
        found = hashlib.blake2b(digest_size=16)
        for record in self.records:
            found.update(b"r%d" % len(record.texts))
            for text in record.texts:
                found.update(b"-" if text is None else b"t%d:" % len(text) + text.encode())
        return found.hexdigest()

    @property
    def size(self) -> int:
        return sum(record.size for record in self.records)

    @property
    def characters(self) -> int:
        return sum(map(len, self.texts))


def windows(found: Iterable[Record], *, after: int = 0) -> Iterator[Window]:
    """Runs of records, each small enough for one request; a record larger than that is a window of its own.

    `after`: windows of the files before this one.
    """
    for number, run in enumerate(_runs(found), start=after + 1):
        yield Window(number, tuple(run))


def _runs(found: Iterable[Record]) -> Iterator[list[Record]]:
    run: list[Record] = []
    characters = size = texts = 0
    for record in found:
        length = record.characters
        wanted = max(len(record.texts), 1)
        if run and (
            texts + wanted > WINDOW_RECORDS
            or characters + length > WINDOW_CHARACTERS
            or size + record.size > WINDOW_BYTES
        ):
            yield run
            run, characters, size, texts = [], 0, 0, 0
        run.append(record)
        characters += length
        size += record.size
        texts += wanted
    if run:
        yield run

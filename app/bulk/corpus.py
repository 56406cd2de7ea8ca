"""A corpus: files of records, read from the beginning as often as is asked, always into the same windows."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.bulk import input as reading
from app.bulk import manifest, parquet, stores
from app.bulk.added import Added
from app.bulk.encoding import UTF_8
from app.bulk.form import Form, Format, form
from app.bulk.listing import Item, Listing
from app.bulk.output import LineWriter, Writer
from app.bulk.record import Record, Window, windows
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from app.bulk.sql import TableReader

_SCALE = 1 << 64


class Source(Protocol):
    """One file or table."""

    @property
    def name(self) -> str: ...

    def records(self, *, whole: bool) -> AbstractContextManager[Iterator[Record]]:
        """`whole`: with everything that writing them needs. Raises ConfigurationError and StorageError."""

    def fingerprint(self) -> dict[str, Any]:
        """What tells its content from another; empty where only reading it does. Raises ConfigurationError."""

    def writer(self, target: Path, *, named: str) -> AbstractContextManager[Writer]:
        """To a file that will be called `named` once it is whole."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How texts lie in files, and what is added to them."""

    fields: tuple[str, ...] = ("text",)
    flat: bool | None = None
    """None: as suits the format."""
    encoding: str = UTF_8
    out_encoding: str = UTF_8
    delimiter: str | None = None
    scored: bool = False
    """With the translation's confidence."""

    def added(self, chosen: Format) -> Added:
        flat = self.flat if self.flat is not None else chosen is not Format.JSONL
        return Added(self.fields, flat, self.scored)


@dataclass(frozen=True, slots=True)
class LineSource:
    """Of line after line. What can be read only once is written down for the second time."""

    item: Item
    shape: Shape
    spool: Path | None

    @property
    def name(self) -> str:
        return self.item.name

    @contextmanager
    def records(self, *, whole: bool) -> Iterator[Iterator[Record]]:
        again = whole and self.spool is not None
        address = str(self.spool) if again else self.item.address
        opened = reading.lines(
            address, encoding=self.shape.encoding, spool=None if again else self.spool, named=self.item.name
        )
        with opened as found:
            yield self.form().records(found)

    def fingerprint(self) -> dict[str, Any]:
        return {} if self.item.streams else _fingerprint(self.item.address)

    def writer(self, target: Path, *, named: str) -> AbstractContextManager[Writer]:
        return LineWriter(target, self.form(), named=named, encoding=self.shape.out_encoding)

    def form(self) -> Form:
        chosen = self.item.format
        shape = self.shape
        return form(chosen, shape.added(chosen), delimiter=shape.delimiter, encoding=shape.encoding)


@dataclass(frozen=True, slots=True)
class ParquetSource:
    item: Item
    added: Added

    @property
    def name(self) -> str:
        return self.item.name

    def records(self, *, whole: bool) -> AbstractContextManager[Iterator[Record]]:
        return parquet.rows(self.item.address, self.added, whole=whole)

    def fingerprint(self) -> dict[str, Any]:
        return _fingerprint(self.item.address)

    def writer(self, target: Path, *, named: str) -> AbstractContextManager[Writer]:
        del named
        return parquet.ParquetWriter(target, self.item.address, self.added)


@dataclass(frozen=True)
class TableSource:
    item: Item
    added: Added

    @property
    def name(self) -> str:
        return self.item.name

    @cached_property
    def reader(self) -> "TableReader":
        from app.bulk import sql  # noqa: PLC0415  a tenth of a second that only tables are to take

        return sql.TableReader(sql.parsed(self.item.address), self.added)

    @contextmanager
    def records(self, *, whole: bool) -> Iterator[Iterator[Record]]:
        yield self.reader.records(whole=whole)

    def fingerprint(self) -> dict[str, Any]:
        return {name: str(value) for name, value in self.reader.extent.items()}

    def writer(self, target: Path, *, named: str) -> AbstractContextManager[Writer]:
        raise ConfigurationError(
            f"A table is written to a table, not to {named} ({target.suffix or 'a file'})."
        )


@dataclass(frozen=True, slots=True)
class Corpus:
    sources: Sequence[Source]
    limit: int | None = None
    """Records, from the first on."""
    sample: float = 1.0
    """Share of the records, spread over all files; the same ones every time."""

    def windows(self) -> Iterator[Window]:
        for _, found in self.files(whole=False):
            yield from found

    def check(self) -> None:
        """Raises what reading would at the very beginning, before anything is begun."""
        for source in self.sources:
            if not (isinstance(source, LineSource) and source.item.streams):
                with source.records(whole=False) as records:
                    next(records, None)

    def files(self, *, whole: bool) -> Iterator[tuple[Source, Iterator[Window]]]:
        """Each source with its windows, to be read before the next one is asked for."""
        number = 0
        quota = _Quota(self.limit)

        def mine(source: Source) -> Iterator[Window]:
            nonlocal number
            with source.records(whole=whole) as records:
                for window in windows(self._chosen(source, records, quota), after=number):
                    number = window.number
                    yield window

        for source in self.sources:
            yield source, mine(source)

    def _chosen(self, source: Source, records: Iterable[Record], quota: "_Quota") -> Iterator[Record]:
        drawn = _drawn(source.name, self.sample)
        for record in records:
            if not record.counts:
                yield record
            elif quota.spent:
                return
            elif drawn(record.line):
                quota.taken += 1
                yield record


@dataclass(slots=True)
class _Quota:
    limit: int | None
    taken: int = 0

    @property
    def spent(self) -> bool:
        return self.limit is not None and self.taken >= self.limit


def corpus(
    found: Listing, shape: Shape, *, spool: Path | None, limit: int | None = None, sample: float = 1.0
) -> Corpus:
    """`spool`: where a corpus that can be read only once is written down. None: it is read once."""
    return Corpus([_source(item, shape, spool) for item in found.items], limit, sample)


def _source(item: Item, shape: Shape, spool: Path | None) -> Source:
    """Raises ConfigurationError."""
    if item.format is Format.SQL:
        return TableSource(item, shape.added(item.format))
    if item.format is not Format.PARQUET:
        return LineSource(item, shape, spool if item.streams else None)
    if item.streams:
        raise ConfigurationError("Parquet is read from its end: write it to a file first.")
    return ParquetSource(item, shape.added(item.format))


def _fingerprint(address: str) -> dict[str, Any]:
    if stores.is_remote(address):
        return stores.fingerprint(address)
    try:
        return manifest.fingerprint(Path(address))
    except OSError as error:
        raise ConfigurationError(f"{address} cannot be read: {error.strerror}.") from error


def _drawn(name: str, share: float) -> Callable[[int], bool]:
    if share >= 1.0:
        return lambda _: True
    started = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8)

    def taken(line: int) -> bool:
        each = started.copy()
        each.update(b"%d" % line)
        return int.from_bytes(each.digest()) < share * _SCALE

    return taken

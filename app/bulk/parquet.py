"""Parquet: rows as records, and the same columns with what is added after them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.bulk import stores
from app.bulk.added import ADDED, SCORED, Added, Answers
from app.bulk.extras import extra
from app.bulk.record import Record
from app.errors import ConfigurationError, StorageError

ROWS = 1_000
"""Read at once."""
GROUP_ROWS = 50_000
GROUP_BYTES = 64_000_000
"""A row group is written when it holds as much: what has to be in memory."""
_NO_TEXT = "Not text in UTF-8."


def pyarrow() -> Any:
    return extra("pyarrow", "Parquet")


def pq() -> Any:
    return extra("pyarrow.parquet", "Parquet")


@contextmanager
def rows(address: str, added: Added, *, whole: bool) -> Iterator[Iterator[Record]]:
    """Raises ConfigurationError, and while reading StorageError."""
    with stores.opened(address) as stream:
        table = _table(address, stream)
        _check(table.schema_arrow, added)
        yield _records(address, table, added.fields, None if whole else list(added.fields))


class ParquetWriter:
    """Packed as the original is."""

    def __init__(self, path: Path, original: str, added: Added) -> None:
        self._path = path
        self._original = original
        self._added = added
        self._taken: list[tuple[Any, list[int]]] = []
        """Batches of the original, with the rows that are written."""
        self._values: list[list[Any]] = []
        self._size = 0

    def __enter__(self) -> Self:
        arrow = pyarrow()
        with stores.opened(self._original) as stream:
            table = _table(self._original, stream)
            self._schema, packing = table.schema_arrow, _packing(table.metadata)
        self._types = _types(self._added)
        for name, kind in zip(self._added.names, self._types, strict=True):
            self._schema = self._schema.append(arrow.field(name, kind))
        self._writer = pq().ParquetWriter(self._path, self._schema, compression=packing)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def write(self, record: Record, answers: Answers) -> None:
        batch, row = record.raw
        if not self._taken or self._taken[-1][0] is not batch:
            self._taken.append((batch, []))
        self._taken[-1][1].append(row)
        self._values.append(self._added.values(answers) if answers else [None] * len(self._types))
        self._size += record.size
        if len(self._values) >= GROUP_ROWS or self._size >= GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._values:
            return
        arrow = pyarrow()
        old = arrow.Table.from_batches([batch.take(arrow.array(rows)) for batch, rows in self._taken])
        columns = [
            arrow.array(column, kind)
            for column, kind in zip(zip(*self._values, strict=True), self._types, strict=True)
        ]
        table = arrow.Table.from_arrays([*old.columns, *columns], schema=self._schema)
        try:
            self._writer.write_table(table, row_group_size=GROUP_ROWS)
        except OSError as error:
            raise StorageError(f"{self._path} cannot be written: {error.strerror}.") from error
        self._taken, self._values, self._size = [], [], 0


def _table(address: str, stream: Any) -> Any:
    try:
        return pq().ParquetFile(stream)
    except (OSError, pyarrow().ArrowException) as error:
        raise ConfigurationError(f"{address} is not Parquet, or damaged ({type(error).__name__}).") from error


def _check(schema: Any, added: Added) -> None:
    kinds = pyarrow().types
    for field in added.fields:
        if schema.names.count(field) != 1:
            raise ConfigurationError(f"The column {field!a} is there {schema.names.count(field)} times.")
        kind = schema.field(field).type
        kind = kind.value_type if kinds.is_dictionary(kind) else kind
        if not (kinds.is_string(kind) or kinds.is_large_string(kind)):
            raise ConfigurationError(f"The column {field!a} holds {kind}, not text.")
    for name in added.names:
        if name in schema.names:
            raise ConfigurationError(f"There is a column {name!a} already, which would be doubled.")


def _records(address: str, table: Any, fields: Sequence[str], columns: list[str] | None) -> Iterator[Record]:
    line = 0
    try:
        for batch in table.iter_batches(batch_size=ROWS, columns=columns):
            size = batch.nbytes // max(len(batch), 1)
            texts = [_texts(batch.column(field)) for field in fields]
            for row, mine in enumerate(zip(*texts, strict=True)):
                line += 1
                if any(isinstance(text, UnicodeDecodeError) for text in mine):
                    yield Record(line, (batch, row), (), _NO_TEXT, size)
                else:
                    yield Record(line, (batch, row), tuple(text or None for text in mine), None, size)
    except (OSError, pyarrow().ArrowException) as error:
        raise StorageError(f"{address} is damaged or cut short ({type(error).__name__}).") from error


def _texts(column: Any) -> list[Any]:
    """Strings, None, and the error where bytes are no text."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_text(value) for value in column]


def _text(value: Any) -> Any:
    try:
        return value.as_py()
    except UnicodeDecodeError as error:
        return error


def _types(added: Added) -> list[Any]:
    arrow = pyarrow()
    text, several = arrow.string(), arrow.list_(arrow.string())
    kinds = dict.fromkeys(ADDED, text) | {
        "confidence": arrow.float64(),
        SCORED: arrow.float64(),
        "flags": several,
        "models": several,
        "fingerprints": several,
        "characters": arrow.int64(),
    }
    if added.flat:
        return [kinds[part] for _ in added.fields for part in added.parts]
    kinds["error"] = arrow.struct([("code", text), ("message", text)])
    return [arrow.struct([(part, kinds[part]) for part in added.parts]) for _ in added.fields]


def _packing(metadata: Any) -> str:
    if not metadata.num_row_groups or not metadata.num_columns:
        return "snappy"
    found = str(metadata.row_group(0).column(0).compression).lower()
    return "none" if found == "uncompressed" else found

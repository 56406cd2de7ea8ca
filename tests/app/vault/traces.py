"""What was sent, looked for wherever it may have been left."""

import base64
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import MetaData, select

from app.storage.engine import Database

TEXT = "Quatro zebras malhadas atravessam."
CORRECTION = "Four dappled zebras walk over."
NAME = "quaggas.txt"
CANARIES = ("zebras", "quaggas")


def in_rows(database: Database) -> set[str]:
    """`table.column` of every cell that holds one, compressed ones too."""
    metadata = MetaData()
    with database.read() as connection:
        metadata.reflect(connection)
        return {
            f"{table.name}.{column.name}"
            for table in metadata.sorted_tables
            for row in connection.execute(select(table)).mappings()
            for column in table.columns
            if _told(row[column.name])
        }


def in_files(folder: Path) -> set[str]:
    return {
        file.name
        for file in folder.rglob("*")
        if file.is_file() and any(each.encode() in file.read_bytes() for each in CANARIES)
    }


def _told(value: object) -> bool:
    return any(each.encode() in form for form in _forms(value) for each in CANARIES)


def _forms(value: object) -> Iterator[bytes]:
    if isinstance(value, str):
        yield value.encode()
        with suppress(ValueError):
            yield base64.b64decode(value[6:], validate=True)
    if isinstance(value, (bytes, memoryview)):
        yield bytes(value)
        with suppress(zlib.error):
            yield zlib.decompress(bytes(value))

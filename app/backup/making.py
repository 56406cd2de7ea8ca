"""A backup while the service runs: every table at one moment, then the files that the jobs of that moment name."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from app import __version__
from app.audit.log import Action, record
from app.backup import archive
from app.backup.archive import About, FileSum, Manifest, TableSum, Writer
from app.errors import ConfigurationError, FileDamaged, FileMissing, StorageError
from app.jobs.carrying import Named, named
from app.jobs.tables import jobs
from app.storage import migrate, moving
from app.storage.blobs import Blobs
from app.storage.database import Database
from app.storage.files import durable
from app.storage.scratch import spooled


def create(
    file: Path, database: Database, *, blobs: Blobs, key: bytes | None, now: datetime
) -> tuple[About, Manifest]:
    """Waits for nobody and keeps nobody waiting. `file` is there only when it is whole.

    Raises ConfigurationError where `file` is there already, StorageError.
    """
    with _new(file) as sink, archive.writing(sink, key) as writer:
        database.attempt(lambda connection: _noted(connection, database.name, sealed=key is not None))
        with database.read() as reading:
            about = _about(database, reading, now)
            writer.about(about)
            sums = tuple(_tables(reading, writer))
            files = list(_named(reading))
        manifest = _files(writer, database, blobs, files, sums)
        writer.manifest(manifest)
    return about, manifest


def _noted(connection: Connection, name: str, *, sealed: bool) -> None:
    """In the audit log, unless the schema is older: it is read as it is."""
    if migrate.is_current(connection, name):
        record(connection, Action.BACKUP_CREATED, details={"sealed": sealed})


@contextmanager
def _new(file: Path) -> Iterator[BinaryIO]:
    if file.exists():
        raise ConfigurationError(f"{file} is there already. A backup overwrites nothing: give a new name.")
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 0600
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as sink:
            yield sink
        durable(part)
        part.rename(file)
        durable(file)
    finally:
        part.unlink(missing_ok=True)


def _about(database: Database, reading: Connection, now: datetime) -> About:
    migrate.is_current(reading, database.name)  # refuses a newer schema
    schema = migrate.current(reading)
    if schema is None:
        raise StorageError(f"{database.name} is empty: there is nothing to back up.")
    return About(
        archive.FORM, __version__, schema, database.engine.dialect.name, now.isoformat(timespec="seconds")
    )


def _tables(reading: Connection, writer: Writer) -> Iterator[TableSum]:
    for table in moving.tables(reading):
        columns = [column.name for column in table.columns]
        total = moving.RowSum()
        with moving.batches(reading, table) as found:
            for rows in found:
                total.add(rows)
                writer.rows(table.name, columns, [tuple(row) for row in rows])
        yield TableSum(table.name, total.rows, total.hexdigest())


def _named(reading: Connection) -> Iterator[Named]:
    if any(
        table.name == jobs.name for table in moving.tables(reading)
    ):  # else a schema from before documents
        yield from named(reading)


def _files(
    writer: Writer, database: Database, blobs: Blobs, files: list[Named], sums: tuple[TableSum, ...]
) -> Manifest:
    kept: list[FileSum] = []
    gone: list[Named] = []
    for each in files:
        try:
            with blobs.open(each.tenant, each.blob) as blob, spooled(blob) as copy:
                kept.append(writer.blob(each.blob, copy.file, copy.size))
        except (FileDamaged, FileMissing):  # raised before any of it was written
            gone.append(each)
    lost = _still_named(database, gone)
    deleted = {each.job for each in gone if each.blob not in lost}
    return Manifest(sums, tuple(kept), tuple(sorted(deleted)), tuple(sorted(lost)))


def _still_named(database: Database, gone: list[Named]) -> set[str]:
    """Files that are not there, or damaged, though their jobs were not deleted."""
    if not gone:
        return set()
    with database.read() as reading:
        now = {each.blob for each in _named(reading)}
    return {each.blob for each in gone if each.blob in now}

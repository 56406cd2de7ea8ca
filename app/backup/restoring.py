"""A backup held against its manifest, and put back into an empty place."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import CompileError, IntegrityError

from app.backup import archive
from app.backup.archive import About, FileSum, Manifest, Part, TableSum
from app.errors import DamagedBackup, FileDamaged, NotThere, StorageError
from app.jobs.store import JobStore
from app.jobs.tables import jobs
from app.ledger.verify import Verdict
from app.ledger.verify import verify as verify_ledger
from app.storage import migrate, moving
from app.storage.blobs import Blobs
from app.storage.database import Database
from app.storage.locks import hold
from app.storage.moving import Moved
from app.vault.vault import Vault

if TYPE_CHECKING:
    from _typeshed import SupportsRead

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    about: About
    manifest: Manifest
    ledger: Verdict
    """What `dragoman usage verify` says of the copy."""


Keep = Callable[[str, str, "SupportsRead[bytes]"], None]
"""Of the tenant, the name and the bytes of a file."""


def verify(file: Path, key: bytes | None, *, blob: Keep = lambda *_: None) -> tuple[About, Manifest]:
    """Reads all of it; `blob` may read what comes with each file. Raises DamagedBackup."""
    found = _Found()
    about, manifest = archive.read(
        file, key, part=found.part, blob=lambda name, stream: found.blob(name, stream, blob)
    )
    if found.tables() != {each.name: each for each in manifest.tables if each.rows}:
        raise DamagedBackup("The backup is damaged: its tables are not what its manifest says.")
    if found.files != list(manifest.files):
        raise DamagedBackup("The backup is damaged: its files are not what its manifest says.")
    return about, manifest


def restore(file: Path, key: bytes | None, *, target: Database, blobs: Blobs) -> Restored:
    """Into an empty database and an empty store of files. All of it, or nothing.

    A backup of an older schema is filled into that schema and migrated from there, in the same transaction.
    Raises StorageError where either is not empty or differs afterwards, DamagedBackup.
    """
    if not blobs.empty():
        raise StorageError("The store of files is not empty. Nothing was restored: give an empty one.")
    target.prepare()
    with target.read() as reading:
        moving.refuse_full(reading, target.name)
    put: list[tuple[str, str]] = []

    def keep(tenant: str, name: str, stream: "SupportsRead[bytes]") -> None:
        put.append((tenant, name))
        try:
            blobs.put(tenant, name, stream)
        except FileDamaged as error:
            raise DamagedBackup("The backup is damaged: a file in it is not what it is named for.") from error

    try:
        about, manifest = verify(file, key, blob=keep)
        with target.transaction() as writing:
            _fill(writing, file, key, name=target.name, about=about, manifest=manifest)
    except BaseException:
        for tenant, name in put:
            blobs.remove(tenant, name)
        raise
    _delete(target, blobs, manifest)
    return Restored(about, manifest, verify_ledger(target))


@dataclass(slots=True)
class _Found:
    _sums: dict[str, moving.RowSum] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    """Tenants of the files that jobs name."""
    files: list[FileSum] = field(default_factory=list)

    def part(self, part: Part) -> None:
        self._sums.setdefault(part.table, moving.RowSum()).add(part.rows)
        if part.table != jobs.name:
            return
        for row in part.rows:
            told = dict(zip(part.columns, row, strict=True))
            self._owners |= {told[each]: told["tenant"] for each in ("source_blob", "result_blob")}

    def tables(self) -> dict[str, TableSum]:
        return {name: TableSum(name, each.rows, each.hexdigest()) for name, each in self._sums.items()}

    def blob(self, name: str, stream: "SupportsRead[bytes]", keep: Keep) -> None:
        """Raises KeyError for a file that no job names."""
        read = _Read(stream)
        keep(self._owners[name], name, read)
        while read.read(_PIECE):
            pass
        self.files.append(FileSum(name, read.size, read.hashed.hexdigest()))


class _Read:
    def __init__(self, stream: "SupportsRead[bytes]") -> None:
        self._stream = stream
        self.size = 0
        self.hashed = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.size += len(data)
        self.hashed.update(data)
        return data


def _fill(
    writing: Connection, file: Path, key: bytes | None, *, name: str, about: About, manifest: Manifest
) -> None:
    if writing.dialect.name == "postgresql":
        from app.storage.postgresql import unhurried  # noqa: PLC0415

        unhurried(writing)
    hold(writing, "move")
    moving.make_room(writing, name)
    older = about.schema != migrate.current(writing)
    if older:
        _step_back(writing, about)
    copies = {table.name: table for table in moving.tables(writing)}
    columns: dict[str, tuple[str, ...]] = {}

    def put(part: Part) -> None:
        columns[part.table] = part.columns
        rows = [dict(zip(part.columns, row, strict=True)) for row in part.rows]
        try:
            writing.execute(insert(_table(copies, part.table)), rows)
        except (CompileError, IntegrityError) as error:  # sums can be made anew by whoever forges rows
            raise DamagedBackup(f"The backup is damaged: rows of {part.table} are none.") from error

    archive.read(file, key, part=put, blob=lambda *_: None)
    for each in manifest.tables:
        copy, moved = _table(copies, each.name), Moved(each.name, each.rows, each.sha256_sum)
        moving.settle(writing, copy, moved, columns=columns.get(each.name, tuple(copy.columns.keys())))
    if older:
        migrate.upgrade(writing)


def _step_back(writing: Connection, about: About) -> None:
    if not migrate.knows(about.schema):
        raise StorageError(
            f"The backup has schema {about.schema}, which this release does not know: "
            f"restore it with Dragoman {about.dragoman} or newer."
        )
    migrate.downgrade(writing, about.schema)


def _table(copies: dict[str, Table], name: str) -> Table:
    if name not in copies:
        raise DamagedBackup(f"The backup is damaged: its schema has no table {name!r}.")
    return copies[name]


def _delete(target: Database, blobs: Blobs, manifest: Manifest) -> None:
    # Without a vault: what is deleted is not read.
    store = JobStore(target, now=lambda: datetime.now(UTC), retention=timedelta(0), vault=Vault())
    for job in manifest.deleted:
        try:
            before = store.delete(None, job)
        except NotThere:
            continue
        blobs.remove(before.tenant, before.source_blob, before.result_blob)

"""A backup held against its manifest, and put back into an empty place."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, insert, update
from sqlalchemy.exc import CompileError, IntegrityError

from app.audit.log import Action, record
from app.backup import archive
from app.backup.archive import About, FileSum, Manifest, Part, TableSum
from app.errors import ConfigurationError, DamagedBackup, FileDamaged, NotThere, StorageError
from app.jobs.store import JobStore
from app.jobs.tables import jobs
from app.ledger.verify import Verdict
from app.ledger.verify import verify as verify_ledger
from app.privacy.erasure import Certified, destroy, erase
from app.storage import migrate, moving
from app.storage.blobs import Blobs
from app.storage.database import Database
from app.storage.locks import hold
from app.storage.moving import Moved
from app.tenants.tables import tenants
from app.tenants.tenant import Status
from app.vault.keyring import unwrapped
from app.vault.masters import Masters
from app.vault.tables import data_keys
from app.vault.vault import Vault

if TYPE_CHECKING:
    from _typeshed import SupportsRead

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    about: About
    manifest: Manifest
    masters: tuple[str, ...]
    ledger: Verdict
    """What `dragoman usage verify` says of the copy."""
    erased: tuple[str, ...]
    """Tenants that were erased since the backup, and are again."""
    older: tuple[str, ...]
    """Tenants that were erased before the backup: what it holds of them came later, and stays."""


@dataclass(frozen=True, slots=True)
class Verified:
    about: About
    manifest: Manifest
    masters: tuple[str, ...]
    """Ids of the master keys that wrapped its data keys: needed to read its texts."""


Keep = Callable[[str, str, "SupportsRead[bytes]"], None]
"""Of the tenant, the name and the bytes of a file."""
Wrapped = Callable[[Mapping[str, Any]], object]
"""Of a row of a data key that is not destroyed."""


def verify(
    file: Path, key: bytes | None, *, blob: Keep = lambda *_: None, wrapped: Wrapped = lambda _: None
) -> Verified:
    """Reads all of it; `blob` may read what comes with each file, `wrapped` hears of data keys before the first of
    these. Raises DamagedBackup.
    """
    found = _Found(wrapped)
    about, manifest = archive.read(
        file, key, part=found.part, blob=lambda name, stream: found.blob(name, stream, blob)
    )
    if found.tables() != {each.name: each for each in manifest.tables if each.rows}:
        raise DamagedBackup("The backup is damaged: its tables are not what its manifest says.")
    if found.files != list(manifest.files):
        raise DamagedBackup("The backup is damaged: its files are not what its manifest says.")
    return Verified(about, manifest, tuple(sorted(found.masters)))


def restore(
    file: Path,
    key: bytes | None,
    *,
    target: Database,
    blobs: Blobs,
    masters: Masters | None,
    erased: Sequence[Certified] = (),
) -> Restored:
    """Into an empty database and an empty store of files. All of it, or nothing.

    A backup of an older schema is filled into that schema and migrated from there, in the same transaction.
    `masters` must open its data keys; None: whether they do does not matter. `erased`: of tenants that were
    erased since it was made the keys are destroyed in that transaction, all else right after it.
    Raises StorageError where either is not empty or differs afterwards, DamagedBackup, ConfigurationError.
    """
    if not blobs.empty():
        raise StorageError("The store of files is not empty. Nothing was restored: give an empty one.")
    target.prepare()
    with target.read() as reading:
        moving.refuse_full(reading, target.name)
    with _all_or_none(blobs) as keep:
        found = verify(file, key, blob=keep, wrapped=_opening(masters))
        with target.transaction() as writing:
            _fill(writing, file, key, name=target.name, about=found.about, manifest=found.manifest)
            older = [each for each in erased if _is_older(each, writing, found.about)]
            since = dict.fromkeys(each.tenant for each in erased if each not in older)
            again = [tenant for tenant in since if _shredded(writing, tenant)]
            _note(writing, found, erased=len(again))
    _delete(target, blobs, found.manifest)
    for tenant in again:
        erase(target, blobs, tenant)
    return Restored(
        found.about, found.manifest, found.masters, verify_ledger(target), tuple(again), _kept(older)
    )


@contextmanager
def _all_or_none(blobs: Blobs) -> Iterator[Keep]:
    """What was put there is removed again where the rest fails."""
    put: list[tuple[str, str]] = []

    def keep(tenant: str, name: str, stream: "SupportsRead[bytes]") -> None:
        put.append((tenant, name))
        try:
            blobs.put(tenant, name, stream)
        except FileDamaged as error:
            raise DamagedBackup("The backup is damaged: a file in it is not what it is named for.") from error

    try:
        yield keep
    except BaseException:
        for tenant, name in put:
            blobs.remove(tenant, name)
        raise


def _opening(masters: Masters | None) -> Wrapped:
    """Raises ConfigurationError for the first data key of each master key that does not open."""
    tried: set[str] = set()

    def wrapped(row: Mapping[str, Any]) -> None:
        if masters is not None and row["master"] not in tried:
            unwrapped(masters, row)
            tried.add(row["master"])

    return wrapped


def _note(writing: Connection, found: Verified, *, erased: int) -> None:
    told = {"created_at": found.about.created_at, "files": len(found.manifest.files), "erased_again": erased}
    record(writing, Action.BACKUP_RESTORED, details=told)


def _is_older(certified: Certified, writing: Connection, about: About) -> bool:
    """Whether the erasure was before the backup. Raises ConfigurationError where it was and the backup knows nothing
    of it: then it was elsewhere.
    """
    if certified.before(writing):
        return True
    if certified.issued_at < datetime.fromisoformat(about.created_at):
        raise ConfigurationError(
            f"The certificate of the tenant {certified.tenant} was issued before the backup was made, which knows "
            "nothing of that erasure: it is another installation's. Nothing was restored: leave it out."
        )
    return False


def _kept(older: Sequence[Certified]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.tenant for each in older))


def _shredded(writing: Connection, tenant: str) -> bool:
    """Whether the tenant is there at all."""
    suspended = update(tenants).where(tenants.c.name == tenant).values(status=Status.SUSPENDED)
    if writing.execute(suspended).rowcount == 0:
        return False
    destroy(writing, tenant)
    return True


@dataclass(slots=True)
class _Found:
    _wrapped: Wrapped
    masters: set[str] = field(default_factory=set)
    _sums: dict[str, moving.RowSum] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    """Tenants of the files that jobs name."""
    files: list[FileSum] = field(default_factory=list)

    def part(self, part: Part) -> None:
        self._sums.setdefault(part.table, moving.RowSum()).add(part.rows)
        for told in (dict(zip(part.columns, row, strict=True)) for row in part.rows):
            if part.table == jobs.name:
                self._owners |= {told[each]: told["tenant"] for each in ("source_blob", "result_blob")}
            if part.table == data_keys.name and told["wrapped"] is not None:
                self.masters.add(told["master"])
                self._wrapped(told)

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

"""New keys for what is kept already, while services run: master keys rewrap, data keys encrypt again, in small batches.

What is done shows in the ciphertexts themselves, so that one who was killed goes on where they were. Blocking.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, RowMapping, exists, select, update

from app.audit.log import Action, record
from app.errors import FileMissing, StorageError, Unreadable
from app.jobs.tables import jobs
from app.ledger.rows import microseconds, moment_of
from app.storage.blobs import GRACE, PIECE, Blobs, renamed
from app.storage.engine import Database
from app.storage.locks import hold
from app.vault.blobs import SealedBlobs, under
from app.vault.columns import COLUMNS, Column
from app.vault.keyring import DataKey, Keyring, context, live
from app.vault.masters import Master
from app.vault.place import Place
from app.vault.streams import Sealing
from app.vault.tables import data_keys
from app.vault.vault import Vault

BATCH = 50
"""Rows of one transaction, so that no charge waits long for the writer."""
SETTLE = 5.0
"""Seconds before a file that was encrypted anew is removed: somebody may have read its name just before."""
_FILES = ("source_blob", "result_blob")


@dataclass(frozen=True, slots=True)
class Turned:
    rows: int
    files: int
    unreadable: int
    """Rows and files that do not open; they stay as they are."""
    destroyed: int
    """Older keys."""
    waiting: int
    """Older keys that are kept for another while: uploads may be under way with them."""


class Rotation:
    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        *,
        blobs: Blobs,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        settle: float = SETTLE,
    ) -> None:
        """`blobs`: as they are kept, without a vault around them."""
        self._database = database
        self._keyring = keyring
        self._vault = Vault(keyring)
        self._blobs = blobs
        self._opened = SealedBlobs(blobs, self._vault, database)
        self._now = now
        self._settle = settle

    def master(self, to: str | None = None) -> int:
        """Wraps every data key with this master key, or the current one; how many there were to wrap.

        Raises ConfigurationError for one that is not configured.
        """
        target = self._keyring.masters.named(to) if to else self._keyring.masters.current
        query = select(data_keys.c.tenant, data_keys.c.version).where(
            data_keys.c.wrapped.is_not(None), data_keys.c.master != target.id
        )
        with self._database.read() as connection:
            left = connection.execute(query).all()

        for tenant, version in left:
            self._database.attempt(partial(self._wrap, tenant=tenant, version=version, target=target))
        self._record(Action.VAULT_MASTER_ROTATED, details={"master": target.id, "keys": len(left)})
        return len(left)

    def tenant(self, tenant: str) -> Turned:
        """A new data key, and all that is kept under it; or the rest of a rotation that was stopped."""
        self._database.attempt(lambda connection: self._begin(connection, tenant))
        rows, bad_rows = self._rows(tenant)
        files, bad_files = self._files(tenant)
        destroyed, waiting = self.retire(tenant)
        done = Turned(rows, files, bad_rows + bad_files, destroyed, waiting)
        told: dict[str, object] = {
            "rows": rows,
            "files": files,
            "unreadable": done.unreadable,
            "destroyed": destroyed,
        }
        self._record(Action.VAULT_TENANT_ROTATED, tenant=tenant, details=told)
        return done

    def retire(self, tenant: str) -> tuple[int, int]:
        """Destroys older keys that nothing is under, an hour after they were superseded. How many; how many not."""
        with self._database.read() as connection:
            found = connection.execute(live(tenant)).mappings().all()
        if len(found) < 2:
            return 0, 0
        newest, older = found[0], found[1:]
        recent = moment_of(newest["created_at"]) > self._now() - timedelta(seconds=GRACE)
        if recent or any(self._stale_files(tenant, newest)):
            return 0, len(older)
        if not self._database.attempt(lambda connection: self._destroy(connection, tenant, newest)):
            return 0, len(older)
        return len(older), 0

    def unfinished(self) -> list[str]:
        """Tenants with more than one key that is not destroyed."""
        query = select(data_keys.c.tenant).where(data_keys.c.wrapped.is_not(None))
        with self._database.read() as connection:
            found = connection.execute(query).scalars().all()
        return sorted({each for each in found if found.count(each) > 1})

    def stale(self, tenant: str) -> int:
        """Rows and files that are not under the newest key, those in the clear among them."""
        with self._database.read() as connection:
            newest = connection.execute(live(tenant).limit(1)).mappings().first()
            key = None if newest is None else self._keyring.opened(newest)
            rows = sum(len(connection.execute(_stale(each, tenant, key)).all()) for each in COLUMNS)
        return rows + sum(1 for _ in self._stale_files(tenant, newest))

    def _wrap(self, connection: Connection, *, tenant: str, version: int, target: Master) -> None:
        here = (data_keys.c.tenant == tenant, data_keys.c.version == version)
        found = select(data_keys).where(*here, data_keys.c.wrapped.is_not(None)).with_for_update()
        row = connection.execute(found).mappings().first()
        if row is None:
            return
        key = self._keyring.opened(row)
        wrapped = target.wrap(key.secret + key.index, context=context(tenant, key.id, version))
        connection.execute(update(data_keys).where(*here).values(wrapped=wrapped, master=target.id))

    def _begin(self, connection: Connection, tenant: str) -> None:
        hold(connection, f"vault of {tenant}")
        found = connection.execute(live(tenant)).mappings().all()
        if len(found) < 2:
            index = self._keyring.opened(found[0]).index if found else None
            self._keyring.make(connection, tenant, index=index)

    def _rows(self, tenant: str) -> tuple[int, int]:
        done = bad = 0
        for column in COLUMNS:
            after: tuple[Any, ...] | None = None
            while True:
                turned, failed, after = self._database.attempt(
                    partial(self._batch, column=column, tenant=tenant, after=after)
                )
                done, bad = done + turned, bad + failed
                if after is None:
                    break
        return done, bad

    def _batch(
        self, connection: Connection, *, column: Column, tenant: str, after: tuple[Any, ...] | None
    ) -> tuple[int, int, tuple[Any, ...] | None]:
        """Rows turned, rows that do not open, and the last one looked at; None where there are no more."""
        query = _stale(column, tenant, self._keyring.current(connection, tenant)).limit(BATCH)
        if after is not None:
            query = query.where(column.after(after))
        found = connection.execute(query.with_for_update(of=column.table)).all()
        failed = 0
        for row in found:
            try:
                self._turn(connection, column, tenant, tuple(row))
            except Unreadable:
                failed += 1
        last = tuple(found[-1][:-1]) if len(found) == BATCH else None
        return len(found) - failed, failed, last

    def _turn(self, connection: Connection, column: Column, tenant: str, row: tuple[Any, ...]) -> None:
        *keys, stored = row
        place = column.place(tenant, tuple(keys))
        plain = column.opened(self._vault, connection, place, stored)
        values = {column.name: column.sealed(self._vault, connection, place, plain)}
        here = [column.table.c[name] == value for name, value in zip(column.keys, keys, strict=True)]
        also = column.also(self._vault, connection, tenant, plain)
        connection.execute(update(column.table).where(*here).values({**values, **also}))

    def _files(self, tenant: str) -> tuple[int, int]:
        with self._database.read() as connection:
            newest = connection.execute(live(tenant).limit(1)).mappings().one()
        key, done, bad, replaced = self._keyring.opened(newest), 0, 0, []
        for job, column, name in self._stale_files(tenant, newest):
            try:
                new = self._encrypted(Place(tenant, f"{jobs.name}.{column}", job), name, key)
            except FileMissing:
                continue
            except (StorageError, Unreadable):
                bad += 1
                continue
            if self._named(job, column, old=name, new=new):
                done += 1
                replaced.append(name)
            else:
                self._blobs.remove(tenant, new)
        if replaced:
            time.sleep(self._settle)
            self._blobs.remove(tenant, *replaced)
        return done, bad

    def _encrypted(self, place: Place, name: str, key: DataKey) -> str:
        """The random part of a name stays: tickets are made of it (app.jobs.ticket)."""
        with self._opened.open(place, name) as blob, tempfile.TemporaryFile() as sealed:
            stream, digest = Sealing(blob, key, place), hashlib.sha256()
            while piece := stream.read(PIECE):
                digest.update(piece)
                sealed.write(piece)
            sealed.seek(0)
            new = renamed(name, digest.hexdigest())
            self._blobs.put(place.tenant, new, sealed)
        return new

    def _named(self, job: str, column: str, *, old: str, new: str) -> bool:
        here = update(jobs).where(jobs.c.id == job, jobs.c[column] == old)
        return self._database.attempt(
            lambda connection: connection.execute(here.values({column: new})).rowcount == 1
        )

    def _stale_files(self, tenant: str, newest: RowMapping | None) -> Iterator[tuple[str, str, str]]:
        """Job, column and name."""
        query = select(jobs.c.id, *(jobs.c[name] for name in _FILES)).where(jobs.c.tenant == tenant)
        with self._database.read() as connection:
            found = connection.execute(query).all()
        for job, *names in found:
            for column, name in zip(_FILES, names, strict=True):
                if name is not None and not self._is_under(tenant, name, newest):
                    yield job, column, name

    def _is_under(self, tenant: str, name: str, newest: RowMapping | None) -> bool:
        try:
            key = under(self._blobs, tenant, name=name, keyring=self._keyring, database=self._database)
        except FileMissing:
            return True
        return key is not None and newest is not None and key.id == newest["id"]

    def _destroy(self, connection: Connection, tenant: str, newest: RowMapping) -> bool:
        """Unless a row is under one of them. Whoever writes with the newest key waits."""
        hold(connection, f"vault of {tenant}")
        key = self._keyring.opened(newest)
        for column in COLUMNS:
            if connection.execute(select(exists(_stale(column, tenant, key)))).scalar():
                return False
        older = (data_keys.c.tenant == tenant, data_keys.c.version < newest["version"])
        gone = {"wrapped": None, "destroyed_at": microseconds(self._now())}
        connection.execute(update(data_keys).where(*older, data_keys.c.wrapped.is_not(None)).values(gone))
        return True

    def _record(self, action: Action, *, tenant: str | None = None, details: dict[str, object]) -> None:
        self._database.attempt(lambda connection: record(connection, action, tenant=tenant, details=details))


def _stale(column: Column, tenant: str, key: DataKey | None) -> Any:
    rows = column.rows(tenant)
    return rows if key is None else rows.where(column.stale(key))

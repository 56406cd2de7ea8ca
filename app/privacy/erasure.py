"""A tenant erased: its data keys destroyed, its rows and files deleted, and a statement of what was found afterwards.

It begins with suspending the tenant, so that nothing new comes; the ledger and the audit log stay, which hold no text.
Whoever is stopped in the middle runs it again. Blocking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_, update

from app import __version__
from app.audit.log import Action, listed, record
from app.audit.tables import events
from app.errors import StorageError
from app.ledger.rows import microseconds, moment_of
from app.privacy.held import HELD, Held, counted, files, is_there, left
from app.storage.blobs import Blobs
from app.storage.engine import Database
from app.storage.locks import hold
from app.tenants.directory import Directory
from app.tenants.tenant import Status
from app.vault.tables import data_keys

VERSION = 1
KIND = "dragoman.erasure"
BATCH = 500
"""Rows of one transaction, so that no charge waits long for the writer."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is held of a tenant that an erasure deletes."""

    rows: Mapping[str, int]
    """By kind."""
    files: int
    keys: int
    """Data keys that are not destroyed."""

    @property
    def nothing(self) -> bool:
        return not (sum(self.rows.values()) or self.files or self.keys)


@dataclass(frozen=True, slots=True)
class Certified:
    """What a certificate says, to those who erase again by it."""

    tenant: str
    issued_at: datetime
    event: str
    """Hash of the erasure in the audit log."""

    @classmethod
    def of(cls, statement: Mapping[str, Any]) -> "Certified | None":
        """None for what is no certificate of an erasure."""
        if statement.get("kind") != KIND:
            return None
        issued = datetime.fromisoformat(statement["issued_at"])
        return cls(str(statement["tenant"]), issued, str(statement["audit_event"]["hash"]))

    def before(self, connection: Connection) -> bool:
        """Whether the database already knows of the erasure, so that what it holds of the tenant came later."""
        return connection.scalar(select(events.c.sequence).where(events.c.hash == self.event)) is not None


def look(database: Database, blobs: Blobs, tenant: str) -> Found:
    """Raises NotThere."""
    Directory(database).tenant(tenant)
    with database.read() as connection:
        rows = {str(kind): number for kind, number in counted(connection, tenant).items()}
        named = files(connection, tenant)
        keys = connection.execute(_live(tenant)).all()
    return Found(rows, sum(1 for *_, name in named if is_there(blobs, tenant, name)), len(keys))


def erase(database: Database, blobs: Blobs, tenant: str, *, key_id: str | None = None) -> dict[str, Any]:
    """The certificate's statement, to be signed. Raises NotThere; StorageError where something was left over."""
    before = look(database, blobs, tenant)
    Directory(database).change_tenant(tenant, status=Status.SUSPENDED)
    database.attempt(lambda connection: destroy(connection, tenant))
    with database.read() as connection:
        named = [name for *_, name in files(connection, tenant)]
    for held in HELD:
        _delete(database, held, tenant)
    blobs.remove(tenant, *named)
    after = look(database, blobs, tenant)
    readable = sum(1 for name in named if is_there(blobs, tenant, name))
    if not after.nothing or readable:
        raise StorageError(
            f"Something of the tenant {tenant} came while it was erased, or could not be deleted: run it again."
        )
    database.clear(*(each.table.name for each in HELD), data_keys.name)
    database.attempt(lambda connection: _recorded(connection, tenant, before, key_id))
    return _statement(database, tenant, before=before, after=after)


def destroy(connection: Connection, tenant: str) -> None:
    """All data keys of the tenant, in this transaction."""
    hold(connection, f"vault of {tenant}")
    gone = {"wrapped": None, "destroyed_at": microseconds(datetime.now(UTC))}
    mine = (data_keys.c.tenant == tenant, data_keys.c.wrapped.is_not(None))
    connection.execute(update(data_keys).where(*mine).values(gone))


def _delete(database: Database, held: Held, tenant: str) -> None:
    keys = tuple(held.table.primary_key.columns)
    some = select(*keys).where(held.mine(tenant)).limit(BATCH)
    these = delete(held.table).where(tuple_(*keys).in_(some))
    while database.attempt(lambda connection: connection.execute(these).rowcount) > 0:
        pass


def _recorded(connection: Connection, tenant: str, before: Found, key_id: str | None) -> None:
    told = {**before.rows, "files": before.files, "keys": before.keys}
    record(connection, Action.TENANT_ERASED, tenant=tenant, key_id=key_id, details=told)


def _statement(database: Database, tenant: str, *, before: Found, after: Found) -> dict[str, Any]:
    event = next(each for each in listed(database, tenant=tenant) if each.action == Action.TENANT_ERASED)
    with database.read() as connection:
        kept = dict(left(connection, tenant))
        keys = connection.execute(select(data_keys).where(data_keys.c.tenant == tenant)).mappings().all()
    return {
        "version": VERSION,
        "kind": KIND,
        "issued_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "dragoman": __version__,
        "tenant": tenant,
        "deleted": {"rows": dict(before.rows), "files": before.files},
        "keys_destroyed": [
            {
                "id": key["id"],
                "version": key["version"],
                "created_at": moment_of(key["created_at"]).isoformat(),
                "destroyed_at": moment_of(key["destroyed_at"]).isoformat(),
            }
            for key in keys
        ],
        "found_afterwards": {"rows": dict(after.rows), "files": after.files, "keys": after.keys},
        "kept": {"rows": kept, "why": "Accounts and the audit log: they hold no text that was sent."},
        "audit_event": {"sequence": event.sequence, "hash": event.hash},
        "not_covered": [
            "Backups and copies made before: with the master key of that time they can still be read.",
            "Copies in the folder for temporary files of a service that was killed, until its next start there.",
            "Memory of running services, until they are restarted; the tenant is suspended.",
            "Write-ahead logs that the database server keeps or ships.",
        ],
    }


def _live(tenant: str) -> Any:
    return select(data_keys.c.id).where(data_keys.c.tenant == tenant, data_keys.c.wrapped.is_not(None))

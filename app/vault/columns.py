"""Every column that the vault encrypts, for who goes over all of them: rotation, erasure, export. A test compares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal, select, tuple_
from sqlalchemy.types import Text

from app.glossary.tables import glossaries, versions
from app.jobs.tables import chunks, corrections, jobs, protections
from app.jobs.texts import WORDS
from app.ledger.tables import entries
from app.replay.tables import replies
from app.review.tables import memories
from app.vault.keyring import DataKey
from app.vault.place import Place
from app.vault.vault import Vault, marks

Also = Callable[[Vault, Connection, str, str], Mapping[str, object]]
"""What else of the row changes with its text: of the vault, the tenant and the plain text."""


@dataclass(frozen=True, slots=True)
class Column:
    table: Table
    name: str
    keys: tuple[str, ...]
    """Primary key; joined by colons, the record of its place."""
    tenant: ColumnElement[str]
    also: Also = field(default=lambda *_: {})

    @property
    def stored(self) -> Any:
        return self.table.c[self.name]

    @property
    def is_text(self) -> bool:
        return isinstance(self.stored.type, Text)

    def place(self, tenant: str, keys: tuple[Any, ...]) -> Place:
        return Place(tenant, f"{self.table.name}.{self.name}", ":".join(map(str, keys)))

    def rows(self, tenant: str) -> Select[Any]:
        """Primary key, then what is stored, of those that hold anything; in their order."""
        order = [self.table.c[key] for key in self.keys]
        mine = select(*order, self.stored).where(self.tenant == tenant, self.stored.is_not(None))
        return mine.order_by(*order)

    def after(self, keys: tuple[Any, ...]) -> ColumnElement[bool]:
        order = tuple_(*(self.table.c[key] for key in self.keys))
        return order > tuple_(*map(literal, keys))

    def stale(self, key: DataKey) -> ColumnElement[bool]:
        """Not under this key."""
        sealed, text = marks(key)
        mark: str | bytes = text if self.is_text else sealed
        begins: ColumnElement[Any] = func.substr(self.stored, 1, len(mark))
        return begins != literal(mark, self.stored.type)

    def opened(self, vault: Vault, connection: Connection, place: Place, stored: Any) -> Any:
        if self.is_text:
            return vault.open_text(connection, place, stored)
        return vault.open(connection, place, bytes(stored))

    def sealed(self, vault: Vault, connection: Connection, place: Place, plain: Any) -> Any:
        if self.is_text:
            return vault.seal_text(connection, place, plain)
        return vault.seal(connection, place, plain)


def _digest(vault: Vault, connection: Connection, tenant: str, text: str) -> Mapping[str, object]:
    found = vault.digest(connection, tenant, text)
    return {} if found is None else {"digest": found}


_OF_JOB = select(jobs.c.tenant).where(jobs.c.id == protections.c.job).scalar_subquery()
_OF_CORRECTED = select(jobs.c.tenant).where(jobs.c.id == corrections.c.job).scalar_subquery()
_OF_GLOSSARY = select(glossaries.c.tenant).where(glossaries.c.id == versions.c.glossary).scalar_subquery()
_OF_ENTRY = select(entries.c.tenant).where(entries.c.id == replies.c.entry_id).scalar_subquery()

COLUMNS = (
    *(Column(jobs, name, ("id",), jobs.c.tenant) for name in WORDS),
    *(Column(chunks, name, ("job", "number"), chunks.c.tenant) for name in ("units", "result")),
    Column(protections, "body", ("job",), _OF_JOB),
    Column(corrections, "text", ("job", "chunk", "unit", "segment"), _OF_CORRECTED),
    Column(memories, "source_text", ("id",), memories.c.tenant, _digest),
    Column(memories, "target_text", ("id",), memories.c.tenant),
    Column(glossaries, "name", ("id",), glossaries.c.tenant),
    *(Column(versions, name, ("glossary", "version"), _OF_GLOSSARY) for name in ("name", "terms")),
    Column(replies, "sealed", ("entry_id",), _OF_ENTRY),
)

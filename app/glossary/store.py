"""Glossaries in the database, each tenant's own, in versions that never change; their words through the vault.

Blocking.
"""

import uuid
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, Select, and_, delete, func, insert, select, update

from app.audit.log import Action, record
from app.errors import InvalidRequest, NotThere
from app.glossary.matching import Protection
from app.glossary.naming import chosen
from app.glossary.tables import glossaries, versions
from app.glossary.terms import Edition, Terms
from app.ledger.rows import microseconds, moment_of
from app.storage.engine import Database
from app.storage.locks import hold
from app.vault.place import Place
from app.vault.vault import Vault

MOST = 1_000
"""Glossaries of one tenant."""
LONGEST_NAME = 1_024
"""Characters; as DeepL's."""
_READY = 16
"""Glossaries whose matchers are kept for the next request."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One version of a glossary, without its terms."""

    id: str
    name: str
    version: int
    created_at: datetime
    """Of the glossary."""
    changed_at: datetime
    """Of this version."""
    size: int
    """Terms, names and patterns."""
    pairs: tuple[tuple[str, str, int], ...]
    """Source, target and number of terms of each dictionary."""


class Glossaries:
    def __init__(
        self,
        database: Database,
        *,
        vault: Vault,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._ready: OrderedDict[tuple[str, int], Protection] = OrderedDict()
        self._lock = Lock()

    def create(self, tenant: str, name: str, terms: Terms, *, key_id: str | None = None) -> Edition:
        """Raises InvalidRequest."""
        now = self._now()
        made = Edition(str(uuid.uuid4()), _name(name), 1, now, now, terms)

        def work(connection: Connection) -> None:
            hold(connection, f"glossaries of {tenant}")
            _room(connection, tenant)
            name = self._vault.seal_text(connection, _named(tenant, made.id), made.name)
            row = {"id": made.id, "tenant": tenant, "name": name, "version": 1}
            connection.execute(insert(glossaries), [{**row, "created_at": microseconds(now)}])
            self._add(connection, tenant, made, key_id)
            _recorded(connection, Action.GLOSSARY_CREATED, tenant, made, key_id)

        self._database.attempt(work)
        return made

    def all(self, tenant: str) -> list[Summary]:
        """The oldest first, each at its newest version."""
        query = _joined().where(glossaries.c.tenant == tenant, versions.c.version == glossaries.c.version)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(glossaries.c.created_at, glossaries.c.id))
            return [self._summary(connection, row) for row in rows.mappings()]

    def named(self, tenant: str, wanted: str) -> str:
        """The id of the one that has this id or name. Raises NotThere and InvalidRequest."""
        return chosen(wanted, ((each.id, each.name) for each in self.all(tenant)))

    def history(self, tenant: str, glossary: str) -> list[Summary]:
        """The newest version first. Raises NotThere."""
        query = _joined().where(glossaries.c.tenant == tenant, glossaries.c.id == glossary)
        with self._database.read() as connection:
            _version(connection, tenant, glossary)
            rows = connection.execute(query.order_by(versions.c.version.desc())).mappings().all()
            return [self._summary(connection, row) for row in rows]

    def get(self, tenant: str, glossary: str, version: int | None = None) -> Edition:
        """The newest version unless one is named. Raises NotThere, for another tenant's glossary too."""
        with self._database.read() as connection:
            return self._edition(connection, tenant, glossary, version)

    def version(self, glossary: str, version: int) -> Terms | None:
        """Of whichever tenant's: for who runs the service. None where it was deleted, or is not of here."""
        query = _joined().add_columns(versions.c.terms)
        query = query.where(versions.c.glossary == glossary, versions.c.version == version)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
            return None if row is None else self._terms(connection, row)

    def change(
        self,
        tenant: str,
        glossary: str,
        change: Callable[[Terms], Terms],
        *,
        name: str | None = None,
        key_id: str | None = None,
    ) -> Edition:
        """A new version, made of the newest; what is equal to it is none. Raises NotThere, InvalidRequest."""

        def work(connection: Connection) -> Edition:
            hold(connection, f"glossary {glossary}")
            old = self._edition(connection, tenant, glossary, None)
            wanted, called = change(old.terms), old.name if name is None else _name(name)
            if (wanted, called) == (old.terms, old.name):
                return old
            made = Edition(old.id, called, old.version + 1, old.created_at, self._now(), wanted)
            sealed = self._vault.seal_text(connection, _named(tenant, made.id), made.name)
            newest = {"name": sealed, "version": made.version}
            connection.execute(update(glossaries).where(glossaries.c.id == glossary).values(**newest))
            self._add(connection, tenant, made, key_id)
            _recorded(connection, Action.GLOSSARY_CHANGED, tenant, made, key_id)
            return made

        return self._database.attempt(work)

    def delete(self, tenant: str, glossary: str, *, key_id: str | None = None) -> Summary:
        """As it was, gone with all its versions; jobs that use it have terms of their own. Raises NotThere."""

        def work(connection: Connection) -> Summary:
            hold(connection, f"glossary {glossary}")
            found = self._edition(connection, tenant, glossary, None)
            connection.execute(delete(versions).where(versions.c.glossary == glossary))
            connection.execute(delete(glossaries).where(glossaries.c.id == glossary))
            _recorded(connection, Action.GLOSSARY_DELETED, tenant, found, key_id)
            return summary(found)

        return self._database.attempt(work)

    def protection(self, tenant: str, glossary: str) -> Protection:
        """The newest version, made ready. Raises NotThere."""
        with self._database.read() as connection:
            version = _version(connection, tenant, glossary)
            with self._lock:
                ready = self._ready.get((glossary, version))
            if ready is None:
                ready = Protection(edition=self._edition(connection, tenant, glossary, version))
        with self._lock:
            self._ready[glossary, version] = ready
            self._ready.move_to_end((glossary, version))
            while len(self._ready) > _READY:
                self._ready.popitem(last=False)
        return ready

    def _add(self, connection: Connection, tenant: str, made: Edition, key_id: str | None) -> None:
        names, terms = _places(tenant, made.id, made.version)
        row = {
            "glossary": made.id,
            "version": made.version,
            "name": self._vault.seal_text(connection, names, made.name),
            "created_at": microseconds(made.changed_at),
            "key_id": key_id,
            "size": made.terms.size,
            "pairs": orjson.dumps(_pairs(made.terms)).decode(),
            "terms": self._vault.seal(connection, terms, packed(made.terms)),
        }
        connection.execute(insert(versions), [row])

    def _edition(self, connection: Connection, tenant: str, glossary: str, version: int | None) -> Edition:
        newest = _version(connection, tenant, glossary)
        number = newest if version is None else version
        this = and_(glossaries.c.tenant == tenant, glossaries.c.id == glossary, versions.c.version == number)
        row = connection.execute(_joined().add_columns(versions.c.terms).where(this)).mappings().first()
        if row is None:
            raise _none()
        found = self._summary(connection, row)
        terms = self._terms(connection, row)
        return Edition(found.id, found.name, found.version, found.created_at, found.changed_at, terms)

    def _summary(self, connection: Connection, row: RowMapping) -> Summary:
        names, _ = _places(row["tenant"], row["id"], row["version"])
        return Summary(
            row["id"],
            self._vault.open_text(connection, names, row["name"]),
            row["version"],
            moment_of(row["created_at"]),
            moment_of(row["changed_at"]),
            row["size"],
            tuple((source, target, terms) for source, target, terms in orjson.loads(row["pairs"])),
        )

    def _terms(self, connection: Connection, row: RowMapping) -> Terms:
        _, terms = _places(row["tenant"], row["id"], row["version"])
        return unpacked(self._vault.open(connection, terms, bytes(row["terms"])))


def _named(tenant: str, glossary: str) -> Place:
    return Place(tenant, "glossary.name", glossary)


def _places(tenant: str, glossary: str, version: int) -> tuple[Place, Place]:
    """Of a version's name and of its terms."""
    record = f"{glossary}:{version}"
    return Place(tenant, "glossary_version.name", record), Place(tenant, "glossary_version.terms", record)


def _recorded(
    connection: Connection, action: Action, tenant: str, edition: Edition, key_id: str | None
) -> None:
    """Without its name and its terms, which may be anything."""
    told = {"version": edition.version, "terms": edition.terms.size}
    record(connection, action, tenant=tenant, subject=edition.id, key_id=key_id, details=told)


def summary(found: Edition) -> Summary:
    return Summary(
        found.id,
        found.name,
        found.version,
        found.created_at,
        found.changed_at,
        found.terms.size,
        _pairs(found.terms),
    )


def _pairs(terms: Terms) -> tuple[tuple[str, str, int], ...]:
    return tuple((each.source, each.target, len(each.terms)) for each in terms.dictionaries)


def packed(terms: Terms) -> bytes:
    return zlib.compress(orjson.dumps(terms.body()))


def unpacked(stored: bytes) -> Terms:
    return Terms.of_body(orjson.loads(zlib.decompress(stored)))


def _joined() -> Select[Any]:
    return select(
        glossaries.c.id,
        glossaries.c.tenant,
        versions.c.name,
        versions.c.version,
        glossaries.c.created_at,
        versions.c.created_at.label("changed_at"),
        versions.c.size,
        versions.c.pairs,
    ).join_from(glossaries, versions, versions.c.glossary == glossaries.c.id)


def _version(connection: Connection, tenant: str, glossary: str) -> int:
    """The newest. Raises NotThere."""
    if not glossary.isprintable():
        # PostgreSQL takes no NUL, not even to look for.
        raise _none()
    query = select(glossaries.c.version).where(glossaries.c.tenant == tenant, glossaries.c.id == glossary)
    found: int | None = connection.execute(query).scalar()
    if found is None:
        raise _none()
    return found


def _room(connection: Connection, tenant: str) -> None:
    query = select(func.count()).select_from(glossaries).where(glossaries.c.tenant == tenant)
    if connection.execute(query).scalar_one() >= MOST:
        raise InvalidRequest(f"A tenant has at most {MOST:,} glossaries. Delete one.")


def _name(name: str) -> str:
    bare = " ".join(name.split())
    if not bare or len(bare) > LONGEST_NAME or not bare.isprintable():
        raise InvalidRequest(f"The name of a glossary is 1 to {LONGEST_NAME:,} printable characters.")
    return bare


def _none() -> NotThere:
    return NotThere("There is no such glossary, or no such version of it.")

"""The ledger's hash chain: each entry of a tenant seals itself, its lines and, by its hash, the entry before it.

The sealed form is a JSON object in UTF-8 without white space, keys in order: the columns of `ledger_entry`, those that
are null and `hash` itself left out, and `lines`, an array in order of position of the same for `ledger_line` without
`entry_id`. So a column added later, null in what is there, changes no hash. docs/ledger.md tells it to auditors.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, Select, bindparam, select, update

from app.ledger.tables import heads
from app.storage.dialects import insert_for
from app.storage.prepared import fetch, placed, places, room, run

GENESIS = "0" * 64
"""Hash before the first entry."""

Row = Mapping[str, Any]

_UPDATE = (
    update(heads)
    .where(heads.c.tenant == bindparam("of"))
    .values(sequence=bindparam("to"), hash=bindparam("by"))
)


@dataclass(slots=True)
class Head:
    """Where a tenant's chain stands."""

    tenant: str
    sequence: int = 0
    hash: str = GENESIS

    def seal(self, entry: dict[str, Any], lines: Sequence[Row]) -> None:
        """Makes `entry` the next of the chain."""
        entry["sequence"] = self.sequence + 1
        entry["previous_hash"] = self.hash
        entry["hash"] = digest(entry, lines)
        self.sequence, self.hash = entry["sequence"], entry["hash"]


def digest(entry: Row, lines: Sequence[Row]) -> str:
    return hashlib.sha256(sealed(entry, lines)).hexdigest()


def sealed(entry: Row, lines: Sequence[Row]) -> bytes:
    """`lines` in order of position."""
    body = _stated(entry, "hash")
    body["lines"] = [_stated(line, "entry_id") for line in lines]
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _stated(row: Row, without: str) -> dict[str, Any]:
    stated = {name: value for name, value in row.items() if value is not None}
    stated.pop(without, None)
    return stated


def held(connection: Connection, tenants: Iterable[str]) -> dict[str, Head]:
    """The heads of `tenants`, theirs alone to move until this write transaction ends.

    Locked in the order of their names, so that two transactions do not wait for each other.
    """
    wanted = sorted(set(tenants))
    found = _locked(connection, wanted)
    missing = [tenant for tenant in wanted if tenant not in found]
    if missing:
        rows = [{"tenant": tenant, "sequence": 0, "hash": GENESIS} for tenant in missing]
        connection.execute(insert_for(connection.dialect.name, heads).on_conflict_do_nothing(), rows)
        found = _locked(connection, wanted)
    return found


def move(connection: Connection, moved: Iterable[Head]) -> None:
    run(connection, _UPDATE, [{"of": head.tenant, "to": head.sequence, "by": head.hash} for head in moved])


def _locked(connection: Connection, tenants: Sequence[str]) -> dict[str, Head]:
    if not tenants:
        return {}
    rows = fetch(connection, _lock(room(tenants)), placed("tenant", tenants))
    return {tenant: Head(tenant, sequence, by) for tenant, sequence, by in rows}


@cache
def _lock(size: int) -> Select[tuple[str, int, str]]:
    among = heads.c.tenant.in_(places("tenant", size))
    columns = (heads.c.tenant, heads.c.sequence, heads.c.hash)
    return select(*columns).where(among).order_by(heads.c.tenant).with_for_update()

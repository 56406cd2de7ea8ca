"""Entries in and out of the database. A key is charged once, however often and from wherever it comes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select

from app.errors import KeyReused
from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.money import apportion
from app.ledger.tables import COUNTED, MEASURED, SUMMED, entries, lines
from app.storage.engine import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    entry: LedgerEntry
    """As it stands in the ledger: of a duplicate, the one recorded first."""

    duplicate: bool


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entry: LedgerEntry) -> Recorded:
        """Record `entry`, on the disk when this returns.

        Raises KeyReused if its key was charged for another request, StorageError if it cannot be written.
        """
        (outcome,) = self.append_many([entry])
        if isinstance(outcome, KeyReused):
            raise outcome
        return outcome

    def append_many(self, batch: Sequence[LedgerEntry]) -> list[Recorded | KeyReused]:
        """Record `batch` in one transaction: one outcome an entry, in order.

        A reused key is an outcome and not raised: the other entries belong to other callers.
        """
        with self._database.transaction() as connection:
            return [record(connection, entry) for entry in batch]

    def find(self, tenant: str, key: str) -> str | None:
        """The digest that `key` was charged for; None if it never was."""
        with self._database.read() as connection:
            stored = _stored(connection, tenant, key)
        return stored["digest"] if stored else None


def record(connection: Connection, entry: LedgerEntry) -> Recorded | KeyReused:
    """`entry` within the caller's write transaction, so that a result and its charge commit together."""
    stored = _stored(connection, entry.tenant, entry.idempotency_key)
    if stored is None:
        _write(connection, entry)
        return Recorded(entry, duplicate=False)
    if stored["digest"] != entry.digest:
        return KeyReused("This Idempotency-Key was used for another request. Send a new key.")
    return Recorded(_entry(connection, stored), duplicate=True)


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC, in integers: a float would lose the last digit."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _stored(connection: Connection, tenant: str, key: str) -> RowMapping | None:
    query = select(entries).where(entries.c.tenant == tenant, entries.c.idempotency_key == key)
    return connection.execute(query).mappings().one_or_none()


def _write(connection: Connection, entry: LedgerEntry) -> None:
    """Lines first: the entry's trigger holds its totals against them and closes it."""
    rows = list(_line_rows(entry))
    if rows:
        connection.execute(insert(lines), rows)
    connection.execute(insert(entries), _entry_row(entry, rows))


def _line_rows(entry: LedgerEntry) -> Iterator[dict[str, Any]]:
    """Price goes to the lines by billed characters, cost by compute time."""
    prices = apportion(entry.price_nanos, [line.billed_characters for line in entry.lines])
    costs = apportion(entry.cost_nanos, [line.compute_ns for line in entry.lines])
    for position, (line, price, cost) in enumerate(zip(entry.lines, prices, costs, strict=True)):
        yield {
            "entry_id": entry.id,
            "position": position,
            "source": line.source,
            "target": line.target,
            "route": json.dumps(line.route),
            "models": json.dumps(line.models),
            **asdict(line.counts),
            **{name: getattr(line, name) for name in MEASURED},
            "price_nanos": price,
            "cost_nanos": cost,
        }


def _entry_row(entry: LedgerEntry, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": entry.id,
        "created_at": microseconds(entry.created_at),
        "tenant": entry.tenant,
        "kind": entry.kind,
        "idempotency_key": entry.idempotency_key,
        "digest": entry.digest,
        "currency": entry.currency,
        "queue_ns": entry.queue_ns,
        **{name: sum(row[name] for row in rows) for name in SUMMED},
    }


def _entry(connection: Connection, stored: RowMapping) -> LedgerEntry:
    query = select(lines).where(lines.c.entry_id == stored["id"]).order_by(lines.c.position)
    return LedgerEntry(
        id=stored["id"],
        created_at=_EPOCH + timedelta(microseconds=stored["created_at"]),
        tenant=stored["tenant"],
        kind=stored["kind"],
        idempotency_key=stored["idempotency_key"],
        digest=stored["digest"],
        lines=tuple(_line(row) for row in connection.execute(query).mappings()),
        currency=stored["currency"],
        price_nanos=stored["price_nanos"],
        cost_nanos=stored["cost_nanos"],
        queue_ns=stored["queue_ns"],
    )


def _line(row: RowMapping) -> LedgerLine:
    return LedgerLine(
        source=row["source"],
        target=row["target"],
        route=tuple(json.loads(row["route"])),
        models=tuple(json.loads(row["models"])),
        counts=Counts(**{name: row[name] for name in COUNTED}),
        **{name: row[name] for name in MEASURED},
    )

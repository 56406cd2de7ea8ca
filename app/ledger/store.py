"""Entries in and out of the database. A key is charged once, however often and from wherever it comes."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, tuple_

from app.errors import KeyReused
from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.money import apportion
from app.ledger.tables import COUNTED, MEASURED, SUMMED, entries, lines
from app.storage.engine import Database

Place = tuple[str, str]
"""Tenant and idempotency key: unique in the ledger."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    entry: LedgerEntry
    """As it stands in the ledger: of a duplicate, the one recorded first."""

    duplicate: bool


Rider = Callable[[Connection, Recorded], None]
"""Runs in the transaction that writes an entry, after it is written: what it changes commits with the charge or not
at all. Called for a duplicate too, not for a reused key. What it raises undoes the transaction, so it raises only what
is to undo the charge."""


@dataclass(frozen=True, slots=True)
class Posting:
    entry: LedgerEntry
    riders: Sequence[Rider] = ()


class Ledger:
    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entry: LedgerEntry, *, riders: Sequence[Rider] = ()) -> Recorded:
        """Record `entry`, on the disk when this returns.

        Raises KeyReused if its key was charged for another request, StorageError if it cannot be written.
        """
        (outcome,) = self.append_many([Posting(entry, riders)])
        if isinstance(outcome, KeyReused):
            raise outcome
        return outcome

    def append_many(self, postings: Sequence[Posting]) -> list[Recorded | KeyReused]:
        """Record `postings` in one transaction: one outcome each, in order.

        A reused key is an outcome and not raised: the other entries belong to other callers.
        """
        with self._database.transaction() as connection:
            return record_many(connection, postings)

    def find(self, tenant: str, key: str) -> str | None:
        """The digest that `key` was charged for; None if it never was."""
        with self._database.read() as connection:
            stored = _stored(connection, [(tenant, key)])
        return next((row["digest"] for row in stored.values()), None)


def record(connection: Connection, entry: LedgerEntry) -> Recorded | KeyReused:
    """`entry` within the caller's write transaction, so that a result and its charge commit together."""
    (outcome,) = record_many(connection, [Posting(entry)])
    return outcome


def record_many(connection: Connection, postings: Sequence[Posting]) -> list[Recorded | KeyReused]:
    """Three statements for the whole batch: which keys are known, the new lines, the new entries. Then the riders."""
    outcomes = _record(connection, [posting.entry for posting in postings])
    for posting, outcome in zip(postings, outcomes, strict=True):
        if isinstance(outcome, Recorded):
            for rider in posting.riders:
                rider(connection, outcome)
    return outcomes


def _record(connection: Connection, batch: Sequence[LedgerEntry]) -> list[Recorded | KeyReused]:
    stored = _stored(connection, [_place(entry) for entry in batch])
    fresh: dict[Place, LedgerEntry] = {}
    outcomes: list[Recorded | KeyReused] = []
    for entry in batch:
        place = _place(entry)
        earlier = fresh.get(place)
        if place in stored:
            earlier = _entry(connection, stored[place])
        if earlier is None:
            fresh[place] = entry
            outcomes.append(Recorded(entry, duplicate=False))
        elif earlier.digest == entry.digest:
            outcomes.append(Recorded(earlier, duplicate=True))
        else:
            outcomes.append(KeyReused("This Idempotency-Key was used for another request. Send a new key."))
    _write(connection, fresh.values())
    return outcomes


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC, in integers: a float would lose the last digit."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _place(entry: LedgerEntry) -> Place:
    return entry.tenant, entry.idempotency_key


def _stored(connection: Connection, places: Sequence[Place]) -> dict[Place, RowMapping]:
    query = select(entries).where(tuple_(entries.c.tenant, entries.c.idempotency_key).in_(places))
    rows = connection.execute(query).mappings()
    return {(row["tenant"], row["idempotency_key"]): row for row in rows}


def _write(connection: Connection, batch: Collection[LedgerEntry]) -> None:
    """Lines first: an entry's trigger holds its totals against them and closes it."""
    rows = {entry.id: list(_line_rows(entry)) for entry in batch}
    every_line = [row for mine in rows.values() for row in mine]
    if every_line:
        connection.execute(insert(lines), every_line)
    if rows:
        connection.execute(insert(entries), [_entry_row(entry, rows[entry.id]) for entry in batch])


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
            "fingerprints": json.dumps(line.fingerprints),
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
        "key_id": entry.key_id,
        "cost_centre": entry.cost_centre,
        "job": entry.job,
        "chunk": entry.chunk,
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
        key_id=stored["key_id"],
        cost_centre=stored["cost_centre"],
        job=stored["job"],
        chunk=stored["chunk"],
    )


def _line(row: RowMapping) -> LedgerLine:
    return LedgerLine(
        source=row["source"],
        target=row["target"],
        route=tuple(json.loads(row["route"])),
        models=tuple(json.loads(row["models"])),
        fingerprints=tuple(json.loads(row["fingerprints"])),
        counts=Counts(**{name: row[name] for name in COUNTED}),
        **{name: row[name] for name in MEASURED},
    )

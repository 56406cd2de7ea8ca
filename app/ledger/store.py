"""Entries in and out of the database. A key is charged once, however often and from wherever it comes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select

from app.errors import KeyReused
from app.ledger import chain
from app.ledger.entry import LedgerEntry
from app.ledger.pricing import priced
from app.ledger.rollup import RollUp, roll_up
from app.ledger.rows import entry_of, entry_row, line_rows
from app.ledger.tables import entries, lines
from app.quality import counts
from app.quality.tally import Tally
from app.storage.engine import Database
from app.storage.prepared import fetch, placed, places, room, run

Place = tuple[str, str]
"""Tenant and idempotency key: unique in the ledger."""


@dataclass(frozen=True, slots=True)
class Recorded:
    entry: LedgerEntry
    """As it stands in the ledger: of a duplicate, the one recorded first."""

    duplicate: bool


Rider = Callable[[Connection, Recorded], None]
"""Runs in the transaction that writes an entry, after it is written: what it changes commits with the charge or not
at all. Called for a duplicate too, not for a reused key. What it raises undoes the transaction, so it raises only what
is to undo the charge. PostgreSQL may undo it for others' sake: then it is called again in another."""


@dataclass(frozen=True, slots=True)
class Posting:
    entry: LedgerEntry
    riders: Sequence[Rider] = ()
    tallies: Sequence[Tally] = ()
    """Counted where the entry is new."""


_LINES = insert(lines)
_ENTRIES = insert(entries)


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
        return self._database.attempt(lambda connection: record_many(connection, postings))

    def find(self, tenant: str, key: str) -> str | None:
        """The digest that `key` was charged for; None if it never was."""
        with self._database.read() as connection:
            found = _stored(connection, [(tenant, key)]).get((tenant, key))
            return None if found is None else _entry(connection, found).digest


def record(connection: Connection, entry: LedgerEntry) -> Recorded | KeyReused:
    """`entry` within the caller's write transaction, so that a result and its charge commit together."""
    (outcome,) = record_many(connection, [Posting(entry)])
    return outcome


def record_many(connection: Connection, postings: Sequence[Posting]) -> list[Recorded | KeyReused]:
    """All of `postings`, each followed by its riders, within the caller's write transaction.

    The heads of the tenants' chains are locked first and until the end: other writers of the same tenants wait, so a
    key cannot be charged twice from two machines. A transaction that locks rows of its own records first.
    """
    if not postings:
        return []
    heads = chain.held(connection, [posting.entry.tenant for posting in postings])
    outcomes = _priced(connection, _outcomes(connection, [posting.entry for posting in postings]))
    _write(
        connection,
        [each.entry for each in outcomes if isinstance(each, Recorded) and not each.duplicate],
        heads,
    )
    counts.add(
        connection,
        (
            (posting.entry, posting.tallies)
            for posting, each in zip(postings, outcomes, strict=True)
            if isinstance(each, Recorded) and not each.duplicate
        ),
    )
    for posting, outcome in zip(postings, outcomes, strict=True):
        if isinstance(outcome, Recorded):
            for rider in posting.riders:
                rider(connection, outcome)
    return outcomes


def _outcomes(connection: Connection, batch: Sequence[LedgerEntry]) -> list[Recorded | KeyReused]:
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
    return outcomes


def _priced(connection: Connection, outcomes: Sequence[Recorded | KeyReused]) -> list[Recorded | KeyReused]:
    fresh = [each.entry for each in outcomes if isinstance(each, Recorded) and not each.duplicate]
    done = priced(connection, fresh) if fresh else {}
    return [
        replace(each, entry=done[each.entry.id])
        if isinstance(each, Recorded) and each.entry.id in done
        else each
        for each in outcomes
    ]


def _place(entry: LedgerEntry) -> Place:
    return entry.tenant, entry.idempotency_key


def _stored(connection: Connection, wanted: Sequence[Place]) -> dict[Place, str]:
    """Ids of those that are in the ledger. Tenant by tenant: SQLite looks up a list of pairs by reading the whole
    table.
    """
    keys: dict[str, list[str]] = {}
    for tenant, key in wanted:
        keys.setdefault(tenant, []).append(key)
    return {
        (tenant, key): name
        for tenant, mine in keys.items()
        for key, name in fetch(connection, _known(room(mine)), {"of": tenant, **placed("key", mine)})
    }


@cache
def _known(size: int) -> Select[tuple[str, str]]:
    among = entries.c.idempotency_key.in_(places("key", size))
    return select(entries.c.idempotency_key, entries.c.id).where(entries.c.tenant == bindparam("of"), among)


def _entry(connection: Connection, name: str) -> LedgerEntry:
    stored = connection.execute(select(entries).where(entries.c.id == name)).mappings().one()
    query = select(lines).where(lines.c.entry_id == name).order_by(lines.c.position)
    return entry_of(stored, connection.execute(query).mappings().all())


def _write(connection: Connection, fresh: Sequence[LedgerEntry], heads: Mapping[str, chain.Head]) -> None:
    """Lines first: an entry's trigger holds its totals against them and closes it."""
    if not fresh:
        return
    every_line: list[dict[str, Any]] = []
    every_entry: list[dict[str, Any]] = []
    summed = RollUp()
    for entry in fresh:
        mine = list(line_rows(entry))
        row = entry_row(entry, mine)
        heads[entry.tenant].seal(row, mine)
        summed.add(row, mine)
        every_line += mine
        every_entry.append(row)
    if every_line:
        run(connection, _LINES, every_line)
    run(connection, _ENTRIES, every_entry)
    chain.move(connection, (heads[tenant] for tenant in {entry.tenant for entry in fresh}))
    roll_up(connection, summed)

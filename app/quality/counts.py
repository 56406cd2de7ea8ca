"""Quality counts in the database: kept by day in the transaction of the charge, so that a repeat counts once."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache, lru_cache

from sqlalchemy import Connection, Insert, delete

from app.ledger.entry import LedgerEntry
from app.ledger.rows import microseconds
from app.quality.tables import KEY, counts
from app.quality.tally import Tally
from app.storage.dialects import insert_for
from app.storage.prepared import run

DAY = timedelta(days=1) // timedelta(microseconds=1)


def add(connection: Connection, charged: Iterable[tuple[LedgerEntry, Sequence[Tally]]]) -> None:
    """Within the caller's transaction, which holds the chains of the entries' tenants."""
    found: Counter[tuple[str | int, ...]] = Counter()
    for entry, tallies in charged:
        day = microseconds(entry.created_at) // DAY
        for each in tallies:
            place = (entry.tenant, day, each.source, each.target)
            made = (_json(each.models), _json(each.fingerprints))
            for what, count in each.counts():
                found[(*place, *made, what)] += count
    if found:
        # In the order of their keys, so that two transactions do not wait for each other.
        rows = [dict(zip((*KEY, "count"), (*key, found[key]), strict=True)) for key in sorted(found)]
        run(connection, _upsert(connection.dialect.name), rows)


def forget(connection: Connection, before: int) -> None:
    """`before`: a day since 1970."""
    connection.execute(delete(counts).where(counts.c.day < before))


@lru_cache(maxsize=256)
def _json(names: tuple[str, ...]) -> str:
    return json.dumps(names)


@cache
def _upsert(dialect: str) -> Insert:
    statement = insert_for(dialect, counts)
    added = {"count": counts.c["count"] + statement.excluded["count"]}
    upsert: Insert = statement.on_conflict_do_update(index_elements=list(KEY), set_=added)
    return upsert

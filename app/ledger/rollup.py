"""Roll-ups: the ledger's lines summed by day and by whatever a report asks, kept in the transaction of each entry."""

import json
from collections.abc import Sequence
from functools import cache
from operator import add, itemgetter
from typing import Any

from sqlalchemy import Connection, Insert

from app.ledger.chain import Row
from app.ledger.tables import REQUESTED, ROLLED_BY, SUMMED, rollups
from app.storage.dialects import insert_for
from app.storage.prepared import run

DAY = 86_400 * 1_000_000
"""Microseconds."""

Key = tuple[Any, ...]
"""Values of ROLLED_BY."""

Sums = list[int]
"""Of REQUESTED, then of SUMMED."""

_NOTHING: Row = {"source": "", "target": "", "models": json.dumps(()), **dict.fromkeys(SUMMED, 0)}
"""The line of an entry without lines."""

_summed = itemgetter(*SUMMED)


class RollUp:
    """Sums in the making: of one transaction, or of a whole ledger that is verified."""

    def __init__(self) -> None:
        self.sums: dict[Key, Sums] = {}

    def add(self, entry: Row, lines: Sequence[Row]) -> None:
        pairs: set[tuple[str, str]] = set()
        models: set[str] = set()
        counts = int(entry["kind"] != "correction")
        for position, line in enumerate(lines or (_NOTHING,)):
            pair = (line["source"], line["target"])
            requests = (
                position == 0,
                bool(lines) and pair not in pairs,
                bool(lines) and line["models"] not in models,
            )
            pairs.add(pair)
            models.add(line["models"])
            added = (*(counts * first for first in requests), *_summed(line))
            key = _key(entry, line)
            found = self.sums.get(key)
            self.sums[key] = list(added) if found is None else list(map(add, found, added))

    def rows(self) -> list[dict[str, Any]]:
        """In the order of their keys, so that two transactions do not wait for each other."""
        columns = (*ROLLED_BY, *REQUESTED, *SUMMED)
        return [dict(zip(columns, (*key, *sums), strict=True)) for key, sums in sorted(self.sums.items())]


def roll_up(connection: Connection, made: RollUp) -> None:
    run(connection, _upsert(connection.dialect.name), made.rows())


@cache
def _upsert(dialect: str) -> Insert:
    statement = insert_for(dialect, rollups)
    added = {name: rollups.c[name] + statement.excluded[name] for name in (*REQUESTED, *SUMMED)}
    upsert: Insert = statement.on_conflict_do_update(index_elements=list(ROLLED_BY), set_=added)
    return upsert


def _key(entry: Row, line: Row) -> Key:
    return (
        entry["tenant"],
        entry["created_at"] // DAY,
        entry["currency"],
        entry["kind"],
        line["source"],
        line["target"],
        line["models"],
        entry["key_id"] or "",
        entry["cost_centre"] or "",
        entry["job"] or "",
    )

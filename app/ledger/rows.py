"""Entries as the rows of the ledger's tables, and back."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import RowMapping

from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.money import apportion
from app.ledger.tables import COUNTED, MEASURED, SUMMED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# One call for all of a row: a loop over the names took a fifth of what an entry costs.
_counted = attrgetter(*COUNTED)
_measured = attrgetter(*MEASURED)
_summed = itemgetter(*SUMMED)


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC, in integers: a float would lose the last digit."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(stored: int) -> datetime:
    """Of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=stored)


def line_rows(entry: LedgerEntry) -> Iterator[dict[str, Any]]:
    """Cost goes to the lines by compute time."""
    costs = apportion(entry.cost_nanos, [line.compute_ns for line in entry.lines])
    for position, (line, price, cost) in enumerate(zip(entry.lines, entry.line_prices, costs, strict=True)):
        yield {
            "entry_id": entry.id,
            "position": position,
            "source": line.source,
            "target": line.target,
            "route": _json(line.route),
            "models": _json(line.models),
            **dict(zip(COUNTED, _counted(line.counts), strict=True)),
            "fingerprints": _json(line.fingerprints),
            "price_list": line.price_list,
            **dict(zip(MEASURED, _measured(line), strict=True)),
            "price_nanos": price,
            "cost_nanos": cost,
        }


def entry_row(entry: LedgerEntry, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
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
        "corrects": entry.corrects,
        "reason": entry.reason,
        "glossary": entry.glossary,
        "glossary_version": entry.glossary_version,
        **dict(zip(SUMMED, _sums(rows), strict=True)),
    }


def entry_of(stored: RowMapping, rows: Sequence[RowMapping]) -> LedgerEntry:
    """`rows`: its lines in order of position."""
    return LedgerEntry(
        id=stored["id"],
        created_at=moment_of(stored["created_at"]),
        tenant=stored["tenant"],
        kind=stored["kind"],
        idempotency_key=stored["idempotency_key"],
        digest=stored["digest"],
        lines=tuple(_line(row) for row in rows),
        currency=stored["currency"],
        price_nanos=stored["price_nanos"],
        cost_nanos=stored["cost_nanos"],
        queue_ns=stored["queue_ns"],
        key_id=stored["key_id"],
        cost_centre=stored["cost_centre"],
        job=stored["job"],
        chunk=stored["chunk"],
        corrects=stored["corrects"],
        reason=stored["reason"],
        glossary=stored["glossary"],
        glossary_version=stored["glossary_version"],
        line_prices=tuple(row["price_nanos"] for row in rows),
    )


def _sums(rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    if len(rows) == 1:
        found: tuple[int, ...] = _summed(rows[0])
        return found
    return [sum(column) for column in zip(*map(_summed, rows), strict=True)] or [0] * len(SUMMED)


@lru_cache(1024)
def _json(names: tuple[str, ...]) -> str:
    return json.dumps(names)


def _line(row: RowMapping) -> LedgerLine:
    return LedgerLine(
        source=row["source"],
        target=row["target"],
        route=tuple(json.loads(row["route"])),
        models=tuple(json.loads(row["models"])),
        fingerprints=tuple(json.loads(row["fingerprints"])),
        price_list=row["price_list"],
        counts=Counts(**{name: row[name] for name in COUNTED}),
        **{name: row[name] for name in MEASURED},
    )

"""Corrections: an entry is never changed; another says what is to be added to it, or taken off."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Connection, RowMapping, select

from app.errors import InvalidRequest
from app.ledger import chain
from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry, LedgerLine, new_id
from app.ledger.money import apportion
from app.ledger.rows import entry_of
from app.ledger.store import record
from app.ledger.tables import entries, lines
from app.storage.engine import Database

REASON = 200
"""Characters at most."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What an entry is to stand at."""

    entry: str
    tenant: str
    characters: int | None
    """Billed; None: as they stand."""
    price_nanos: int | None
    """None: as many characters at the entry's own price a character."""
    reason: str


def correct(database: Database, wanted: Correction, *, now: datetime) -> LedgerEntry:
    """Records and returns the difference between what the entry stands at, earlier corrections included, and what is
    wanted. It counts in the month it is made in, under the entry's pairs, key, cost centre and job.

    Raises InvalidRequest.
    """
    _check(wanted)
    with database.transaction() as connection:
        chain.held(
            connection, [wanted.tenant]
        )  # two corrections of one entry at once would both see the old sum
        original = _original(connection, wanted)
        made = _difference(original, _standing(connection, original), wanted, now=now)
        record(connection, made)
    return made


def _check(wanted: Correction) -> None:
    if wanted.characters is None and wanted.price_nanos is None:
        raise InvalidRequest("Say what is wrong: --characters, --price or both.")
    if (wanted.characters or 0) < 0 or (wanted.price_nanos or 0) < 0:
        raise InvalidRequest("An entry is corrected to what it should have been, which is not below zero.")
    if not wanted.reason.strip() or len(wanted.reason) > REASON or not wanted.reason.isprintable():
        raise InvalidRequest(f"A reason is 1 to {REASON} printable characters.")


def _original(connection: Connection, wanted: Correction) -> LedgerEntry:
    here = (entries.c.tenant == wanted.tenant, entries.c.id == wanted.entry)
    found = connection.execute(select(entries).where(*here)).mappings().one_or_none()
    if found is None:
        raise InvalidRequest("The tenant has no such entry.")
    if found["kind"] == "correction":
        raise InvalidRequest(f"This is a correction itself. Correct the entry it is of, {found['corrects']}.")
    original = entry_of(found, _lines(connection, wanted.entry))
    if not original.lines:
        raise InvalidRequest("The entry has no lines: nothing was sent, so there is nothing to bill.")
    return original


def _standing(connection: Connection, original: LedgerEntry) -> list[tuple[int, int]]:
    """Billed characters and price of each line, the corrections so far included: they have the same lines."""
    query = select(entries.c.id).where(entries.c.tenant == original.tenant, entries.c.corrects == original.id)
    made = [_lines(connection, name) for name in connection.scalars(query).all()]
    own = zip(original.lines, original.line_prices, strict=True)
    return [
        (
            line.billed_characters + sum(rows[place]["billed_characters"] for rows in made),
            price + sum(rows[place]["price_nanos"] for rows in made),
        )
        for place, (line, price) in enumerate(own)
    ]


def _lines(connection: Connection, entry: str) -> Sequence[RowMapping]:
    query = select(lines).where(lines.c.entry_id == entry).order_by(lines.c.position)
    return connection.execute(query).mappings().all()


def _difference(
    original: LedgerEntry, standing: Sequence[tuple[int, int]], wanted: Correction, *, now: datetime
) -> LedgerEntry:
    weights = [line.billed_characters for line in original.lines]
    if not any(weights):
        weights = [line.characters for line in original.lines]
    stands = sum(billed for billed, _ in standing)
    characters = stands if wanted.characters is None else wanted.characters
    price = _price(original, characters) if wanted.price_nanos is None else wanted.price_nanos
    billed = apportion(characters, weights)
    prices = apportion(price, billed if any(billed) else weights)
    more = [new - old for new, (old, _) in zip(billed, standing, strict=True)]
    dearer = [new - old for new, (_, old) in zip(prices, standing, strict=True)]
    if not any(more) and not any(dearer):
        raise InvalidRequest("The entry stands at that already.")
    return _entry(original, tuple(map(_line, original.lines, more)), tuple(dearer), wanted.reason, now)


def _price(original: LedgerEntry, characters: int) -> int:
    if original.billed_characters == 0:
        raise InvalidRequest("The entry billed nothing, so it has no price a character. Say --price too.")
    return round(Fraction(original.price_nanos * characters, original.billed_characters))


def _line(line: LedgerLine, more: int) -> LedgerLine:
    return replace(
        line,
        segments=0,
        cached_segments=0,
        counts=Counts(),
        billed_characters=more,
        unchanged_characters=0,
        cached_characters=0,
        failed_characters=0,
        source_tokens=0,
        target_tokens=0,
        compute_ns=0,
        price_list=None,
    )


def _entry(
    original: LedgerEntry,
    ledger_lines: tuple[LedgerLine, ...],
    line_prices: tuple[int, ...],
    reason: str,
    now: datetime,
) -> LedgerEntry:
    name = new_id()
    key = f"correction:{name}"
    return replace(
        original,
        id=name,
        created_at=now,
        kind="correction",
        idempotency_key=key,
        digest=hashlib.sha256(key.encode()).hexdigest(),
        lines=ledger_lines,
        line_prices=line_prices,
        price_nanos=sum(line_prices),
        cost_nanos=0,
        queue_ns=0,
        chunk=None,
        corrects=original.id,
        reason=reason,
    )

"""Entries priced by the lists that apply, in the transaction that writes them: what went before decides the tier."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Insert, RowMapping, Select, select, tuple_

from app.ledger.entry import LedgerEntry, LedgerLine
from app.ledger.money import apportion
from app.ledger.prices import PriceList, Tier, chosen, loaded
from app.ledger.rows import moment_of
from app.ledger.tables import price_lists, price_volumes
from app.storage.dialects import insert_for
from app.storage.prepared import fetch, placed, places, room, run

Account = tuple[str, str, int]
"""Tenant, price list and month: what volume is counted by."""

NONE: Mapping[Account, int] = MappingProxyType({})

_COLUMNS = tuple(price_lists.c.keys())


def month_of(moment: datetime) -> int:
    """Months since January 1970, UTC."""
    moment = moment.astimezone(UTC)
    return (moment.year - 1970) * 12 + moment.month - 1


def priced(connection: Connection, fresh: Sequence[LedgerEntry]) -> dict[str, LedgerEntry]:
    """By id, priced, those of `fresh` for which there may be a list.

    The heads of the tenants' chains are held, so that nobody else adds to their volumes.
    """
    done, added = _worked_out(connection, fresh)
    _keep(connection, added)
    return {entry.id: entry for entry in done}


def appraised(
    connection: Connection, planned: Sequence[LedgerEntry], *, ahead: dict[Account, int] | None = None
) -> list[LedgerEntry]:
    """As they would be priced, one after the other, if they were written now; nothing is kept.

    `ahead`: volumes of others that would be written before them; these are added.
    """
    if not planned:
        return []
    earlier = {} if ahead is None else ahead
    done, added = _worked_out(connection, planned, ahead=earlier)
    for account, volume in added.items():
        earlier[account] = earlier.get(account, 0) + volume
    return done or list(planned)


def stored_lists(connection: Connection, tenants: Collection[str]) -> list[PriceList]:
    """Everyone's, and those of `tenants`."""
    names = sorted(tenants)
    rows = fetch(connection, _lists(room(names)), placed("tenant", names))
    return [list_of(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def list_of(row: Mapping[str, Any] | RowMapping) -> PriceList:
    until = row["valid_until"]
    return PriceList(
        id=row["id"],
        created_at=moment_of(row["created_at"]),
        tenant=row["tenant"],
        pair=None if row["source"] is None else (row["source"], row["target"]),
        currency=row["currency"],
        valid_from=moment_of(row["valid_from"]),
        valid_until=None if until is None else moment_of(until),
        tiers=_tiers(row["tiers"]),
    )


def _worked_out(
    connection: Connection, fresh: Sequence[LedgerEntry], *, ahead: Mapping[Account, int] = NONE
) -> tuple[list[LedgerEntry], dict[Account, int]]:
    """Priced, and what that adds to the volumes; nothing where there is no list."""
    lists = stored_lists(connection, {entry.tenant for entry in fresh})
    if not lists:
        return [], {}
    by_entry = [_lists_of(entry, lists) for entry in fresh]
    kept = _volumes(connection, fresh, by_entry)
    volumes = {account: volume + ahead.get(account, 0) for account, volume in kept.items()}
    before = dict(volumes)
    done = [_priced(entry, mine, volumes) for entry, mine in zip(fresh, by_entry, strict=True)]
    return done, {account: volume - before[account] for account, volume in volumes.items()}


def _lists_of(entry: LedgerEntry, lists: Sequence[PriceList]) -> list[PriceList | None]:
    """Of each line; a correction says its price itself."""
    if entry.kind == "correction":
        return [None] * len(entry.lines)
    return [
        chosen(
            lists,
            tenant=entry.tenant,
            pair=(line.source, line.target),
            currency=entry.currency,
            moment=entry.created_at,
        )
        for line in entry.lines
    ]


def _volumes(
    connection: Connection, fresh: Sequence[LedgerEntry], lists: Sequence[Sequence[PriceList | None]]
) -> dict[Account, int]:
    accounts = {
        _account(entry, each) for entry, mine in zip(fresh, lists, strict=True) for each in mine if each
    }
    columns = (price_volumes.c.tenant, price_volumes.c.price_list, price_volumes.c.month)
    query = select(*columns, price_volumes.c.characters).where(tuple_(*columns).in_(accounts))
    found = {(row.tenant, row.price_list, row.month): row.characters for row in connection.execute(query)}
    return {account: found.get(account, 0) for account in accounts}


def _priced(
    entry: LedgerEntry, lists: Sequence[PriceList | None], volumes: dict[Account, int]
) -> LedgerEntry:
    """`volumes` grow by the entry. A list's price of its lines is shared among them by billed characters."""
    prices = list(entry.line_prices)
    for each in dict.fromkeys(one for one in lists if one is not None):
        places = [place for place, one in enumerate(lists) if one is each]
        billed = [entry.lines[place].billed_characters for place in places]
        account = _account(entry, each)
        price = each.price(volumes[account], sum(billed))
        volumes[account] += sum(billed)
        for place, part in zip(places, apportion(price, billed), strict=True):
            prices[place] = part
    return replace(
        entry,
        lines=tuple(map(_marked, entry.lines, lists)),
        line_prices=tuple(prices),
        price_nanos=sum(prices),
    )


def _marked(line: LedgerLine, each: PriceList | None) -> LedgerLine:
    return line if each is None else replace(line, price_list=each.id)


def _account(entry: LedgerEntry, each: PriceList) -> Account:
    return (entry.tenant, each.id, month_of(entry.created_at))


def _keep(connection: Connection, added: Mapping[Account, int]) -> None:
    rows = [
        {"tenant": tenant, "price_list": each, "month": month, "characters": characters}
        for (tenant, each, month), characters in sorted(added.items())
    ]
    if rows:
        run(connection, _upsert(connection.dialect.name), rows)


@cache
def _lists(size: int) -> Select[Any]:
    mine = price_lists.c.tenant.in_(places("tenant", size))
    return select(price_lists).where(price_lists.c.tenant.is_(None) | mine)


@cache
def _upsert(dialect: str) -> Insert:
    statement = insert_for(dialect, price_volumes)
    key = ["tenant", "price_list", "month"]
    grown = {"characters": price_volumes.c.characters + statement.excluded.characters}
    upsert: Insert = statement.on_conflict_do_update(index_elements=key, set_=grown)
    return upsert


@lru_cache(1024)
def _tiers(text: str) -> tuple[Tier, ...]:
    return loaded(text)

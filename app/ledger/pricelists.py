"""Price lists in the database. None is ever changed: a later one goes before it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import insert, select

from app.audit.log import Action, record
from app.errors import InvalidRequest
from app.ledger.money import price_nanos
from app.ledger.prices import PriceList, checked, chosen, dumped
from app.ledger.pricing import list_of, month_of, stored_lists
from app.ledger.rows import microseconds
from app.ledger.tables import price_lists, price_volumes
from app.storage.engine import Database


def add_list(database: Database, made: PriceList) -> None:
    """Applies to what is charged from now on: what is in the ledger keeps its price. Raises InvalidRequest."""
    checked(made.tiers)
    if made.valid_until is not None and made.valid_until <= made.valid_from:
        raise InvalidRequest("The price list ends before it begins.")
    source, target = made.pair or (None, None)
    row = {
        "id": made.id,
        "created_at": microseconds(made.created_at),
        "tenant": made.tenant,
        "source": source,
        "target": target,
        "currency": made.currency,
        "valid_from": microseconds(made.valid_from),
        "valid_until": None if made.valid_until is None else microseconds(made.valid_until),
        "tiers": dumped(made.tiers),
    }
    with database.transaction() as connection:
        connection.execute(insert(price_lists), row)
        told = {name: row[name] for name in ("source", "target", "currency", "tiers")}
        record(connection, Action.PRICE_SET, tenant=made.tenant, subject=made.id, details=told)


def all_lists(database: Database) -> list[PriceList]:
    """In the order they were made."""
    query = select(price_lists).order_by(price_lists.c.created_at, price_lists.c.id)
    with database.read() as connection:
        return [list_of(row) for row in connection.execute(query).mappings()]


def list_named(database: Database, name: str) -> PriceList:
    """Raises InvalidRequest."""
    with database.read() as connection:
        query = select(price_lists).where(price_lists.c.id == name)
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise InvalidRequest("There is no such price list. `dragoman prices list` names them.")
    return list_of(row)


def applicable(
    database: Database, *, tenant: str, pair: tuple[str, str], currency: str, moment: datetime
) -> PriceList | None:
    """What a charge of that moment would be priced by; None: the setting's price."""
    with database.read() as connection:
        lists = stored_lists(connection, [tenant])
    return chosen(lists, tenant=tenant, pair=pair, currency=currency, moment=moment)


def quote(
    database: Database,
    *,
    tenant: str,
    characters: Mapping[tuple[str, str], int],
    currency: str,
    moment: datetime,
    price_per_million: Decimal,
) -> int:
    """Nano-units that so many characters by pair would be charged, were they the tenant's next.

    `price_per_million` is that of pairs without a list. Promises nothing: others may come first.
    """
    with database.read() as connection:
        lists = stored_lists(connection, [tenant])
        query = select(price_volumes.c.price_list, price_volumes.c.characters).where(
            price_volumes.c.tenant == tenant, price_volumes.c.month == month_of(moment)
        )
        volumes = {row.price_list: row.characters for row in connection.execute(query)}
    price = plain = 0
    for pair, size in characters.items():
        found = chosen(lists, tenant=tenant, pair=pair, currency=currency, moment=moment)
        if found is None:
            plain += size
            continue
        before = volumes.get(found.id, 0)
        price += found.price(before, size)
        volumes[found.id] = before + size
    return price + price_nanos(plain, price_per_million=price_per_million)

"""Price lists in the database. None is ever changed: a later one goes before it."""

from datetime import datetime

from sqlalchemy import insert, select

from app.errors import InvalidRequest
from app.ledger.prices import PriceList, checked, chosen, dumped
from app.ledger.pricing import list_of, stored_lists
from app.ledger.rows import microseconds
from app.ledger.tables import price_lists
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

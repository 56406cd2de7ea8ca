"""Volumes by price list, from the entries: what verification holds against the volumes that prices were reckoned by."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, RowMapping, select

from app.ledger.chain import Row
from app.ledger.prices import PriceList
from app.ledger.pricing import list_of, month_of
from app.ledger.rows import moment_of
from app.ledger.tables import price_lists, price_volumes

Place = tuple[str, int]
"""Price list and month."""


class Volumes:
    """Of one tenant."""

    def __init__(self) -> None:
        self._characters: Counter[Place] = Counter()
        self._prices: Counter[Place] = Counter()

    def add(self, entry: Row, lines: Sequence[Row]) -> None:
        for line in lines:
            if line["price_list"] is not None:
                place = (line["price_list"], month_of(moment_of(entry["created_at"])))
                self._characters[place] += line["billed_characters"]
                self._prices[place] += line["price_nanos"]

    def differences(self, connection: Connection, tenant: str) -> Iterator[str]:
        """In sentences."""
        query = select(price_volumes).where(price_volumes.c.tenant == tenant)
        kept = {(row.price_list, row.month): row.characters for row in connection.execute(query)}
        lists = {row["id"]: row for row in connection.execute(select(price_lists)).mappings()}
        for place in sorted(kept.keys() | self._characters.keys()):
            name, month = place
            where = f"price list {name} in {1970 + month // 12}-{month % 12 + 1:02d}"
            characters = self._characters[place]
            if kept.get(place, 0) != characters:
                yield f"The volume of {where} is {kept.get(place, 0)}, its entries' {characters}."
            if name not in lists:
                yield f"There are entries by {where}, but no such list."
            elif (charged := _readable(lists[name])) is None:
                yield f"The {where} cannot be read: it was changed."
            elif charged.month(characters) != self._prices[place]:
                yield f"The prices of {where} do not sum to what the list says of {characters} characters."


def _readable(row: RowMapping) -> PriceList | None:
    """None for what was never written by us; verification says so and goes on."""
    try:
        return list_of(row)
    except (TypeError, ValueError, ArithmeticError):
        return None

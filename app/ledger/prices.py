"""Price lists: what a million characters come to, for whom, for which pair, from when, by volume. Pure.

What a tenant pays by a list in a calendar month (UTC) is the list's price of all the month's characters, rounded once,
half to even, to a nano-unit. Each entry pays what it adds to that, so the order of entries changes no total.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from app.errors import InvalidRequest
from app.ledger.money import NANOS

MOST_TIERS = 100
MOST = Decimal(1_000_000)
"""Of a price per million."""
PLACES = 6


@dataclass(frozen=True, slots=True)
class Tier:
    above: int
    """Characters of the month that are not in it: the first tier's is 0."""
    per_million: Decimal


@dataclass(frozen=True, slots=True)
class PriceList:
    id: str
    created_at: datetime
    tenant: str | None
    """None: everyone's."""
    pair: tuple[str, str] | None
    """Source and target; None: every pair."""
    currency: str
    valid_from: datetime
    valid_until: datetime | None
    """The first moment after it."""
    tiers: tuple[Tier, ...]

    def price(self, before: int, characters: int) -> int:
        """Nano-units for `characters` that follow `before` others of the month."""
        return self.month(before + characters) - self.month(before)

    def month(self, characters: int) -> int:
        """Nano-units for a month of `characters`."""
        ends = [*(tier.above for tier in self.tiers[1:]), max(characters, self.tiers[-1].above)]
        exact = sum(
            (max(0, min(characters, end) - tier.above) * Fraction(tier.per_million))
            for tier, end in zip(self.tiers, ends, strict=True)
        )
        return round(exact * NANOS / 1_000_000)


def chosen(
    lists: Iterable[PriceList], *, tenant: str, pair: tuple[str, str], currency: str, moment: datetime
) -> PriceList | None:
    """The tenant's own before everyone's, the pair's before every pair's, then the one valid from latest, then the
    one made last. A list in another currency does not apply.
    """
    valid = (
        each
        for each in lists
        if each.currency == currency
        and each.tenant in (None, tenant)
        and each.pair in (None, pair)
        and each.valid_from <= moment
        and (each.valid_until is None or moment < each.valid_until)
    )
    return max(valid, key=_rank, default=None)


def parse_tiers(prices: Iterable[str]) -> tuple[Tier, ...]:
    """`8.06`, and `6.50@1000000` for what is above a million characters a month. Raises InvalidRequest."""
    return checked(tuple(sorted(map(_tier, prices), key=lambda tier: tier.above)))


def checked(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    """Raises InvalidRequest."""
    if not tiers or tiers[0].above != 0:
        raise InvalidRequest("A price list begins with a price from the first character, such as 8.06.")
    if len(tiers) > MOST_TIERS:
        raise InvalidRequest(f"A price list has at most {MOST_TIERS} tiers.")
    if any(one.above == other.above for one, other in pairwise(tiers)):
        raise InvalidRequest("Two prices of the list begin at the same number of characters.")
    return tiers


def dumped(tiers: Iterable[Tier]) -> str:
    return json.dumps([[tier.above, str(tier.per_million)] for tier in tiers])


def loaded(text: str) -> tuple[Tier, ...]:
    return tuple(Tier(above, Decimal(price)) for above, price in json.loads(text))


def _rank(each: PriceList) -> tuple[bool, bool, datetime, datetime, str]:
    return (each.tenant is not None, each.pair is not None, each.valid_from, each.created_at, each.id)


def _tier(text: str) -> Tier:
    price, _, above = text.partition("@")
    try:
        found = Tier(int(above or 0), Decimal(price))
    except (ValueError, ArithmeticError):
        raise InvalidRequest(f"{text[:40]!a} is no price. Write 8.06, or 6.50@1000000.") from None
    amount = found.per_million
    if not amount.is_finite() or not 0 <= amount <= MOST or amount != round(amount, PLACES):
        raise InvalidRequest(f"A price per million is from 0 to {MOST:,}, with at most {PLACES} decimals.")
    if not 0 <= found.above < 2**63:
        raise InvalidRequest("A tier begins at a number of characters, such as 6.50@1000000.")
    return found

"""What the same texts would have cost elsewhere: vendors' counting rules and list prices, from vendors.json.

Everything sent is counted, what failed here too: a vendor would have had a model for it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.ledger.counting import Counts
from app.ledger.exchange import Rate
from app.ledger.report import Sent

MILLION = 1_000_000
_FILE = Path(__file__).with_name("vendors.json")


@dataclass(frozen=True, slots=True)
class Vendor:
    id: str
    name: str
    unit: str
    """Field of Counts that it bills."""
    rule: str
    rule_source: str
    currency: str
    per_million: Decimal
    per_month: Decimal
    """Fixed fee of every month with any use."""
    free_per_month: int
    """Units; of an account, so of the whole report."""
    bills_same_language: bool
    """Whether text in the target language already is charged."""
    document_minimum: int
    """Units of the smallest office document or PDF; told, not reckoned: entries do not say which were documents."""
    price_source: str
    confirmed: bool
    """Whether the price was read on a page of the vendor's that nothing newer contradicts."""
    note: str
    read: date
    """When the sources were looked up."""

    def units(self, counts: Counts) -> int:
        return int(getattr(counts, self.unit))


@dataclass(frozen=True, slots=True)
class Bill:
    vendor: Vendor
    units: int
    """Everything it would have counted and not excused."""
    free: int
    """Of those, how many its free monthly allowance covers."""
    amount: Decimal
    """In the vendor's currency, fees included."""
    converted: Decimal | None
    """In the report's; None without a rate: none is ever made up."""
    rate: Rate | None


@cache
def vendors() -> tuple[Vendor, ...]:
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    read = date.fromisoformat(data["read"])
    return tuple(_vendor(each, read) for each in data["vendors"])


def bills(sent: Sequence[Sent], *, currency: str, rates: Iterable[Rate] = ()) -> tuple[Bill, ...]:
    """One a vendor, in the file's order. `currency` is the report's."""
    known = {rate.currency: rate for rate in rates}
    return tuple(_bill(vendor, sent, currency, known) for vendor in vendors())


def _vendor(data: Mapping[str, Any], read: date) -> Vendor:
    money = {name: Decimal(data[name]) for name in ("per_million", "per_month")}
    return Vendor(**{**data, **money, "read": read})


def _bill(vendor: Vendor, sent: Sequence[Sent], currency: str, rates: Mapping[str, Rate]) -> Bill:
    months: defaultdict[str, int] = defaultdict(int)
    for each in sent:
        if vendor.bills_same_language or not each.same_language:
            months[each.month] += vendor.units(each.counts)
    used = {month: units for month, units in months.items() if units}
    free = sum(min(units, vendor.free_per_month) for units in used.values())
    units = sum(used.values())
    amount = (units - free) * vendor.per_million / MILLION + len(used) * vendor.per_month
    rate = rates.get(vendor.currency)
    return Bill(vendor, units, free, amount, _converted(amount, vendor.currency, currency, rate), rate)


def _converted(amount: Decimal, theirs: str, ours: str, rate: Rate | None) -> Decimal | None:
    if theirs == ours:
        return amount
    return None if rate is None else amount * rate.value

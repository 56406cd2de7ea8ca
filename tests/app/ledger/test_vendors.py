"""Each vendor's counting rule and list price, on figures worked out by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.ledger.counting import Counts, count
from app.ledger.exchange import Rate, parse_rates
from app.ledger.report import Sent
from app.ledger.vendors import Bill, bills, vendors

NAMES = {"deepl", "google", "azure", "amazon"}
EMOJI = replace(count("<b>é 😀</b>\n"), characters_without_markup=4)
"""Eleven code points, four outside markup; é is one, the emoji two UTF-16 units."""


def by_vendor(*sent: Sent, currency: str = "GBP", rates: str = "") -> dict[str, Bill]:
    found = bills(sent, currency=currency, rates=parse_rates(rates))
    return {bill.vendor.id: bill for bill in found}


def million(month: str = "2026-10", *, same_language: bool = False, millions: int = 1) -> Sent:
    n = millions * 1_000_000
    return Sent(month, same_language, Counts(n, n, n, n))


def test_the_documentation_has_the_same_prices() -> None:
    page = (Path(__file__).parents[3] / "docs" / "usage.md").read_text(encoding="utf-8")
    signs = {"USD": "$", "EUR": "€"}
    for vendor in vendors():
        (line,) = (
            line for line in page.splitlines() if line.startswith(f"| {vendor.name.split(' (standard')[0]}")
        )
        assert f"{signs[vendor.currency]}{vendor.per_million} a million" in line
        assert (f"{signs[vendor.currency]}{vendor.per_month} a month" in line) == bool(vendor.per_month)
        assert ("| yes |" in line) == vendor.confirmed
        assert f"looked up on {vendor.read}" in page


def test_every_price_and_rule_has_a_source_and_a_date() -> None:
    assert {vendor.id for vendor in vendors()} == NAMES
    for vendor in vendors():
        assert vendor.price_source
        assert vendor.rule_source
        assert vendor.rule.endswith(".")
        assert vendor.note
        assert vendor.read >= date(2026, 11, 22)
        assert vendor.unit in Counts.__dataclass_fields__


def test_only_what_was_read_on_a_vendors_own_page_is_confirmed() -> None:
    assert [vendor.id for vendor in vendors() if vendor.confirmed] == ["google"]


def test_each_counts_in_its_own_unit() -> None:
    assert (EMOJI.characters, EMOJI.utf16_units) == (11, 12)
    found = by_vendor(Sent("2026-10", same_language=False, counts=EMOJI))
    assert {name: bill.units for name, bill in found.items()} == {
        "deepl": 4, "google": 11, "azure": 12, "amazon": 11,
    }  # fmt: skip


def test_a_million_at_list_price() -> None:
    amounts = {name: bill.amount for name, bill in by_vendor(million()).items()}
    assert amounts == {
        "deepl": Decimal("24.99"),  # the month's fee is in it
        "google": Decimal(10),  # half a million is free
        "azure": Decimal(10),
        "amazon": Decimal(15),
    }


def test_fees_and_free_tiers_are_monthly() -> None:
    found = by_vendor(million("2026-09"), million("2026-10"))
    assert found["deepl"].amount == Decimal("49.98")
    assert (found["google"].free, found["google"].amount) == (1_000_000, Decimal(20))
    small = by_vendor(Sent("2026-10", same_language=False, counts=count("x" * 100)))
    assert (small["google"].free, small["google"].amount) == (100, Decimal(0))


def test_amazon_does_not_charge_what_is_in_the_language_already() -> None:
    found = by_vendor(million(), million(same_language=True))
    assert found["amazon"].amount == Decimal(15)
    assert found["azure"].amount == Decimal(20)


def test_nothing_sent_costs_nothing() -> None:
    assert {bill.amount for bill in by_vendor().values()} == {0}


def test_no_rate_is_made_up() -> None:
    assert {bill.converted for bill in by_vendor(million()).values()} == {None}
    dollars = by_vendor(million(), currency="USD")
    assert dollars["google"].converted == 10
    assert dollars["deepl"].converted is None


def test_the_operators_rate_and_its_day_are_told() -> None:
    found = by_vendor(million(), rates="USD=0.79@2026-11-20, EUR=0.86@2026-11-21")
    assert found["google"].converted == Decimal("7.90")
    assert found["google"].rate == Rate("USD", Decimal("0.79"), date(2026, 11, 20))
    assert found["deepl"].converted == Decimal("24.99") * Decimal("0.86")


@pytest.mark.parametrize(
    "text",
    ["USD", "USD=0.79", "usd=1@2026-11-20", "USD=0@2026-11-20", "USD=1@2026-13-01", "USD=-1@2026-11-20"],
)
def test_a_rate_without_a_day_or_a_value_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="not an exchange rate"):
        parse_rates(text)

"""What a report says in a sentence: the programme's own form, and sums of money as people write them."""

from decimal import Decimal

from app.ledger.money import NANOS, format_nanos
from app.ledger.report import UsageReport

_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


def statement(report: UsageReport) -> str:
    """The programme's sentence to the letter: "N characters of text translated to date, for a total cost of £X".

    Its cost is the measured one: what the machine's time came to.
    """
    return (
        f"{report.totals.translated_characters:,} characters of text translated {period(report)}, "
        f"for a total cost of {amount(report.totals.cost_nanos, report.currency)}"
    )


def headline(report: UsageReport) -> str:
    """The same, and what kind of cost it is."""
    price = amount(report.totals.price_nanos, report.currency)
    return f"{statement(report)} in measured compute (price charged: {price})"


def period(report: UsageReport) -> str:
    until = f"to {report.until.isoformat()}" if report.until else "to date"
    return f"from {report.since.isoformat()} {until}" if report.since else until


def amount(nanos: int, currency: str) -> str:
    """Pounds and pence; below a pound, enough places for two digits that say something."""
    value = Decimal(format_nanos(nanos))
    places = max(2, 1 - value.adjusted()) if 0 < abs(nanos) < NANOS else 2
    sign = "-" if nanos < 0 else ""
    return f"{sign}{_SYMBOLS.get(currency, currency + ' ')}{abs(value):,.{min(places, 9)}f}"

"""Exchange rates, as the operator states them: none is ever made up or fetched."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.errors import ConfigurationError

_RATE = re.compile(r"([A-Z]{3})=(\d{1,6}(?:\.\d{1,9})?)@(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `currency` is worth in the report's, as the operator says, on a day."""

    currency: str
    value: Decimal
    day: date


def parse_rates(text: str) -> tuple[Rate, ...]:
    """Of "USD=0.79@2026-11-20, EUR=0.86@2026-11-20". Raises ConfigurationError."""
    return tuple(_rate(each.strip()) for each in text.split(",") if each.strip())


def _rate(text: str) -> Rate:
    found = _RATE.fullmatch(text)
    day = None if found is None else _day(found[3])
    if found is None or day is None or not Decimal(found[2]):
        raise ConfigurationError(
            f"{text[:40]!a} is not an exchange rate. Write what one unit is worth in the ledger's currency, and the "
            f"day: USD=0.79@2026-11-20."
        )
    return Rate(found[1], Decimal(found[2]), day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

"""Times, spans and amounts as people type them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import typer

_SPAN = re.compile(r"(\d{1,6})([mhd])")
_SIZE = re.compile(r"(\d{1,6})([mg])b", re.IGNORECASE)
_MOST = 1_000_000_000
_PLACES = 9
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def span(text: str) -> timedelta:
    """`30m`, `24h`, `90d`; `0` is none. Raises typer.BadParameter."""
    if text == "0":
        return timedelta()
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text[:40]!a} is no span of time. Write 30m, 24h or 90d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def moment(text: str, *, now: datetime) -> datetime:
    """A span from `now`, or a day or a time in ISO 8601, UTC unless it says otherwise. Raises typer.BadParameter."""
    if _SPAN.fullmatch(text):
        return now + span(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text[:40]!a} is no time. Write 90d, 2027-01-31 or 2027-01-31T18:00Z."
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def size(text: str) -> int:
    """Bytes: `800MB`, `2GB`. Raises typer.BadParameter."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise typer.BadParameter(f"{text[:40]!a} is no size. Write 800MB or 2GB.")
    return int(found[1]) * (10**9 if found[2].upper() == "G" else 10**6)


def amount(text: str) -> Decimal:
    """Of money. Raises typer.BadParameter."""
    try:
        found = Decimal(text)
    except ArithmeticError:
        raise typer.BadParameter(f"{text[:40]!a} is no amount. Write 40 or 40.50.") from None
    if not found.is_finite() or not 0 <= found <= _MOST or found != round(found, _PLACES):
        raise typer.BadParameter(f"An amount is from 0 to {_MOST:,}, with at most {_PLACES} decimals.")
    return found

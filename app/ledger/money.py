"""Sums of money, exact.

Stored and added as integers of NANO-units, 1e-9 of the currency: one sentence costs some 1e-8 of a pound in
compute, which micro-units would round to nothing. Rates are Decimal; nothing here is ever a float. Each sum
is rounded once, half to even.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

NANOS = 1_000_000_000
_NANOSECONDS_PER_HOUR = 3_600 * 1_000_000_000


def price_nanos(characters: int, *, price_per_million: Decimal) -> int:
    return round(characters * Fraction(price_per_million) * NANOS / 1_000_000)


def cost_nanos(compute_ns: int, *, rate_per_hour: Decimal, threads: int) -> int:
    """The measured cost of engine-thread time.

    `rate_per_hour` is for the whole machine, which has `threads` engine threads.
    """
    return round(compute_ns * Fraction(rate_per_hour) * NANOS / (_NANOSECONDS_PER_HOUR * threads))


def format_nanos(n: int) -> str:
    """In units of the currency, always nine decimals: 338520 is "0.000338520"."""
    units, nanos = divmod(abs(n), NANOS)
    return f"{'-' if n < 0 else ''}{units}.{nanos:09d}"


def per_million(nanos: int, characters: int) -> Decimal | None:
    """What a million come to, in units of the currency, to nine decimals; None of no characters."""
    if characters == 0:
        return None
    return Decimal(format_nanos(round(Fraction(nanos * 1_000_000, characters))))


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total` shared by `weights`, the parts summing to it exactly, each within one of its fair share.

    Largest remainders first, the earlier of equals. All weights zero: everything goes to the first.
    Raises ValueError for a negative number, or a total with nobody to take it.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("Only what is not negative can be apportioned.")
    if not weights and total:
        raise ValueError("There is nobody to take the total.")
    whole = sum(weights)
    if whole == 0:
        return [total, *[0] * (len(weights) - 1)] if weights else []
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total * weights[i] % whole))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts

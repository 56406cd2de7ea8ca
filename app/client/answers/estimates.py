"""What work will come to."""

from typing import TypedDict


class Range(TypedDict):
    value: float
    low: float
    high: float


class AmountRange(TypedDict):
    value: str
    low: str
    high: str


class Missing(TypedDict):
    source: str
    target: str
    segments: int
    characters: int
    reason: str


class Estimate(TypedDict):
    texts: int
    characters: int
    billed_characters: int
    unchanged_characters: int
    failed_characters: int
    segments: int
    repeats: int
    languages: dict[str, int]
    missing: list[Missing]
    currency: str
    price: str
    cost: AmountRange
    compute_seconds: Range
    seconds: Range

"""What was used, and what it cost."""

from typing import TypedDict


class Figures(TypedDict):
    requests: int
    characters: int
    translated_characters: int
    billed_characters: int
    unchanged_characters: int
    cached_characters: int
    failed_characters: int
    segments: int
    cached_segments: int
    source_tokens: int
    target_tokens: int
    compute_seconds: float
    price: str
    cost: str
    price_per_million: str | None
    cost_per_million: str | None


class Row(Figures):
    key: str


class Usage(TypedDict):
    tenant: str | None
    currency: str
    since: str | None
    until: str | None
    group_by: str | None
    headline: str
    totals: Figures
    rows: list[Row]
    other_currencies: list[str]

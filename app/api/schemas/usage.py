"""Bodies of /v1/usage."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.api.schemas.values import Amount
from app.ledger.report import GroupBy


class UsageFigures(BaseModel):
    requests: int
    characters: int
    translated_characters: int
    billed_characters: int
    unchanged_characters: int
    cached_characters: int
    failed_characters: int
    unchanged_share: Annotated[float, Field(description="Of `characters`, 0 to 1.")]
    cached_share: Annotated[float, Field(description="Of `characters`: answered at no compute.")]
    segments: int
    cached_segments: int
    source_tokens: int
    target_tokens: int
    compute_seconds: float
    price: Amount
    cost: Amount
    idle_cost: Annotated[
        Amount,
        Field(
            description="Share of what the machines cost while idle, by engine time in each month; not in `cost`."
        ),
    ]
    price_per_million: str | None
    cost_per_million: Annotated[
        str | None,
        Field(description="Measured cost over all characters sent, unchanged and failed ones included."),
    ]


class UsageRowBody(UsageFigures):
    key: Annotated[str, Field(description="What the row is of: a day, a pair … as asked.")]


class ElsewhereBody(BaseModel):
    vendor: str
    name: str
    unit: Annotated[
        str, Field(description="What it counts: characters, characters_without_markup, utf16_units.")
    ]
    units: Annotated[int, Field(description="Of this report's texts, those it charges for included.")]
    free_units: Annotated[int, Field(description="Of those, how many its monthly allowance covers.")]
    per_million: str
    per_month: str
    amount: Annotated[Amount, Field(description="In `currency`, the vendor's.")]
    currency: str
    converted: Annotated[Amount | None, Field(description="In the report's currency; null without a rate.")]
    rate: str | None
    rate_day: str | None
    confirmed: Annotated[bool, Field(description="Whether the price was read on the vendor's own page.")]
    rule: str
    note: str
    price_source: str
    rule_source: str
    read: Annotated[str, Field(description="Day on which the sources were looked up.")]


class UsageReply(BaseModel):
    tenant: Annotated[str | None, Field(description="Null: every tenant's.")]
    currency: str
    since: str | None
    until: str | None
    group_by: GroupBy | None
    headline: str
    statement: Annotated[
        str, Field(description="N characters of text translated to date, for a total cost of £X")
    ]
    totals: UsageFigures
    rows: list[UsageRowBody]
    other_currencies: Annotated[
        list[str], Field(description="Currencies of entries in the period that this report leaves out.")
    ]
    elsewhere: Annotated[
        list[ElsewhereBody], Field(description="What the same texts would have cost at vendors' list prices.")
    ]

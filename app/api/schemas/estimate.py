"""Bodies of /v1/estimate."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.api.schemas.values import Amount


class RangeBody(BaseModel):
    value: float
    low: float
    high: float


class AmountRangeBody(BaseModel):
    value: Amount
    low: Amount
    high: Amount


class PairForecastBody(BaseModel):
    source: str
    target: str
    route: Annotated[list[str], Field(description="Empty where no model is needed or known.")]
    models: list[str]
    segments: int
    characters: int
    compute_seconds: RangeBody
    speed: Annotated[str, Field(description="What its speed was taken from.")]


class MissingBody(BaseModel):
    source: Annotated[str, Field(description="A language without a route to the target, or und.")]
    target: str
    segments: int
    characters: int
    reason: Annotated[str, Field(description="What could be installed, or named.")]


class EstimateReply(BaseModel):
    texts: int
    characters: int
    billed_characters: int
    unchanged_characters: int
    failed_characters: int
    segments: int
    repeats: Annotated[int, Field(description="Segments equal to an earlier one among them: no engine time.")]
    languages: Annotated[dict[str, int], Field(description="Characters of each source language.")]
    pairs: list[PairForecastBody]
    missing: list[MissingBody]
    pivot_factor: Annotated[float, Field(description="Engine passes a translated character, 1 to 2.")]
    currency: str
    price: Amount
    cost: AmountRangeBody
    compute_seconds: RangeBody
    seconds: Annotated[RangeBody, Field(description="On the clock, if nothing else is to be done.")]

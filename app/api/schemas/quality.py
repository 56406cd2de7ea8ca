"""Bodies of /v1/quality."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.quality.drift import Verdict
from app.quality.report import GroupBy


class QualityRate(BaseModel):
    segments: int
    count: int
    per_thousand: float | None
    low: Annotated[float | None, Field(description="Of the 95 % interval, in 1,000; so is `high`.")]
    high: float | None


class QualityMean(BaseModel):
    segments: Annotated[int, Field(description="For which confidence was asked.")]
    mean: float | None
    low: float | None
    high: float | None


class _Judged(BaseModel):
    verdict: Verdict
    p: Annotated[
        float | None,
        Field(
            description="Of a change as large, if nothing changed; adjusted for all comparisons of the report."
        ),
    ]


class QualityFlag(_Judged):
    flag: Annotated[str, Field(description="Of docs/flags.md, or `any_doubt`.")]
    now: QualityRate
    before: QualityRate


class QualityConfidence(_Judged):
    now: QualityMean
    before: QualityMean


class QualityGroup(BaseModel):
    key: Annotated[
        str, Field(description="As `group_by` says: pair and model, one of them, tenant, week, month.")
    ]
    verdict: Verdict
    segments: int
    segments_before: int
    characters: int
    fingerprints: Annotated[list[str], Field(description="Of the models; first digits of SHA-256.")]
    fingerprints_before: list[str]
    model_changed: Annotated[bool, Field(description="One of `fingerprints` is not of those before.")]
    confidence_histogram: Annotated[
        list[int], Field(description="Segments from 0 to 1 in ten steps; empty where it was not asked for.")
    ]
    confidence_histogram_before: list[int]
    flags: list[QualityFlag]
    confidence: QualityConfidence | None


class QualityReply(BaseModel):
    tenant: Annotated[str | None, Field(description="Null: every tenant's.")]
    since: str
    until: str
    baseline_days: int
    group_by: GroupBy
    pair: str | None
    model: str | None
    verdict: Verdict
    error_rate: Annotated[
        float, Field(description="Chance of any false `drift` in a report, if nothing changed.")
    ]
    comparisons: int
    groups: list[QualityGroup]

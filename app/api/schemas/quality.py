"""Bodies of /v1/quality."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.values import Body
from app.quality.drift import Verdict
from app.quality.rating import Rating
from app.quality.report import GroupBy
from app.quality.samples import LONGEST_SEED, MOST


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


class RatedShare(BaseModel):
    share: Annotated[float, Field(description="0 to 1; `low` and `high` are its 95 % interval.")]
    low: float
    high: float


class RatingsRow(BaseModel):
    source_language: str
    target_language: str
    models: list[str]
    rated: int
    effective: Annotated[float, Field(description="As many equally weighted ratings would say as much.")]
    good: int
    minor: int
    major: int
    good_share: RatedShare
    major_share: RatedShare
    good_share_flagged: Annotated[RatedShare | None, Field(description="Of those that carried a doubt.")]
    good_share_unflagged: RatedShare | None


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
    ratings: Annotated[
        list[RatingsRow], Field(description="What people said of samples drawn in these days.")
    ]


class SampleBody(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"size": 100}]})

    size: Annotated[int, Field(ge=1, le=MOST, description="Segments, or all if there are fewer.")]
    pair: Annotated[str | None, Field(max_length=40, description="One pair alone, as `pt-en`.")] = None
    seed: Annotated[
        str | None,
        Field(
            min_length=1, max_length=LONGEST_SEED, description="Decides the draw; made and told if left out."
        ),
    ] = None


class RatingBody(Body):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"segment": "job_1.0.0.0", "rating": "good"}]}
    )

    segment: Annotated[str, Field(max_length=200, description="Its `id`.")]
    rating: Rating


class SampleReply(BaseModel):
    id: str
    created_at: str
    seed: str
    size: int
    pair: str | None
    population: Annotated[int, Field(description="Segments it was drawn from.")]
    drawn: int
    rated: int
    waiting: int
    lost: Annotated[int, Field(description="Deleted with their document before they were rated.")]


class SamplesReply(BaseModel):
    samples: list[SampleReply]


class SampleSegment(BaseModel):
    sample: str
    id: str
    source_language: str
    target_language: str
    source: str
    text: str


class SampleSegmentsReply(SampleReply):
    segments: list[SampleSegment]

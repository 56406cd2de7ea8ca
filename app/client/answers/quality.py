"""Whether doubts and confidence are what they were."""

from typing import TypedDict


class Rate(TypedDict):
    segments: int
    count: int
    per_thousand: float | None
    low: float | None
    high: float | None


class Mean(TypedDict):
    segments: int
    mean: float | None
    low: float | None
    high: float | None


class JudgedFlag(TypedDict):
    flag: str
    now: Rate
    before: Rate
    verdict: str
    p: float | None


class JudgedConfidence(TypedDict):
    now: Mean
    before: Mean
    verdict: str
    p: float | None


class QualityGroup(TypedDict):
    key: str
    verdict: str
    segments: int
    segments_before: int
    characters: int
    fingerprints: list[str]
    fingerprints_before: list[str]
    model_changed: bool
    confidence_histogram: list[int]
    confidence_histogram_before: list[int]
    flags: list[JudgedFlag]
    confidence: JudgedConfidence | None


class RatedShare(TypedDict):
    share: float
    """0 to 1; `low` and `high` are its 95 % interval."""
    low: float
    high: float


class Ratings(TypedDict):
    source_language: str
    target_language: str
    models: list[str]
    rated: int
    effective: float
    """As many equally weighted ratings would say as much."""
    good: int
    minor: int
    major: int
    good_share: RatedShare
    major_share: RatedShare
    good_share_flagged: RatedShare | None
    """Of those that carried a doubt."""
    good_share_unflagged: RatedShare | None


class Quality(TypedDict):
    tenant: str | None
    since: str
    until: str
    baseline_days: int
    group_by: str
    pair: str | None
    model: str | None
    verdict: str
    error_rate: float
    comparisons: int
    groups: list[QualityGroup]
    ratings: list[Ratings]

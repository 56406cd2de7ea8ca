"""Documents: how far they are, and what came of them."""

from typing import Literal, TypedDict

from app.client.answers.estimates import Estimate
from app.client.answers.translations import Fault


class Done(TypedDict):
    total: int
    done: int


class Chunks(Done):
    failed: int


class Waiting(TypedDict):
    reason: str
    """`characters_per_minute`: the limit of the key or the tenant."""
    until: str


class Job(TypedDict):
    id: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]
    name: str | None
    format: str
    source: str | None
    target: str
    confidence: bool
    priority: Literal["high", "normal", "low"]
    memory: Literal["off", "exact"]
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: str | None
    segments: Done
    characters: Done
    chunks: Chunks
    eta_seconds: float | None
    waiting: Waiting | None
    """Why it stands still, where a limit slows it down."""
    flags: dict[str, int]
    billed_characters: int
    price: str
    cost: str
    currency: str
    compute_seconds: float
    load_seconds: float
    error: Fault | None


class Jobs(TypedDict):
    jobs: list[Job]


class FlaggedPlace(TypedDict):
    unit: int
    location: str
    start: int
    end: int
    source: str
    flags: list[str]
    translation_confidence: float | None
    error: str | None


class FailedChunk(TypedDict):
    chunk: int
    first: str
    last: str
    units: int
    code: str | None
    message: str | None


class JobReport(TypedDict):
    job: Job
    forecast: Estimate | None
    languages: dict[str, int]
    models: list[str]
    flagged: list[FlaggedPlace]
    failed_chunks: list[FailedChunk]

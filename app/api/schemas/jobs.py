"""Bodies of /v1/documents and /v1/jobs."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.api.schemas.estimate import EstimateReply
from app.api.schemas.translate import GlossaryUsed
from app.api.schemas.values import Amount


class Done(BaseModel):
    total: int
    done: int


class DoneOrFailed(Done):
    failed: int


class JobFault(BaseModel):
    code: str
    message: str


class DocumentNote(BaseModel):
    code: str
    message: str
    unit: Annotated[int | None, Field(description="Number of the unit that it is about, if of one.")]


JobState = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]


class Waiting(BaseModel):
    reason: Annotated[
        Literal["characters_per_minute"],
        Field(description="The limit of the key or the tenant (docs/keys.md, limits a minute)."),
    ]
    until: Annotated[str, Field(description="When it goes on.")]


class JobReply(BaseModel):
    id: str
    state: JobState
    name: Annotated[str | None, Field(description="Of the file; null once it is deleted.")]
    format: str
    source: Annotated[str | None, Field(description="Null: detected, segment by segment.")]
    target: str
    priority: Annotated[Literal["high", "normal", "low"], Field(description="Among the tenant's own.")]
    glossary: Annotated[GlossaryUsed | None, Field(description="Whose terms are enforced.")]
    confidence: Annotated[bool, Field(description="Whether it was asked for.")]
    memory: Annotated[
        Literal["off", "exact"], Field(description="Whether the translation memory is applied.")
    ]
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: Annotated[
        str | None,
        Field(
            description="When source and result will be deleted; the result sooner where the tenant's results have a "
            "time of their own."
        ),
    ]
    segments: Annotated[Done, Field(description="The total is an estimate until all are done.")]
    characters: Done
    chunks: Annotated[DoneOrFailed, Field(description="Runs of segments, each a checkpoint and a charge.")]
    eta_seconds: Annotated[float | None, Field(description="At the speed so far.")]
    waiting: Annotated[Waiting | None, Field(description="Why it stands still, where a limit slows it down.")]
    flags: Annotated[dict[str, int], Field(description="Segments by flag.")]
    billed_characters: int
    price: Amount
    cost: Amount
    currency: str
    compute_seconds: float
    load_seconds: Annotated[
        float,
        Field(
            description="A cold start: the longest that a part of it waited for models to be loaded, or 0."
        ),
    ]
    error: JobFault | None
    notes: list[DocumentNote]


class JobsReply(BaseModel):
    jobs: list[JobReply]


class FlaggedPlace(BaseModel):
    unit: Annotated[int, Field(description="Number of the paragraph, cell or title, from 0.")]
    location: str
    start: Annotated[int, Field(description="Of the segment, in code points of its unit.")]
    end: int
    source: str
    flags: list[str]
    translation_confidence: Annotated[
        float | None, Field(description="Probability that it is good, where it was asked for.")
    ]
    error: str | None


class FailedChunk(BaseModel):
    chunk: int
    first: Annotated[str, Field(description="Place of its first unit.")]
    last: str
    units: int
    code: str | None
    message: str | None


class JobReportReply(BaseModel):
    job: JobReply
    forecast: Annotated[
        EstimateReply | None,
        Field(description="Made at the upload; null for documents over 50,000 characters."),
    ]
    languages: Annotated[dict[str, int], Field(description="Characters by language.")]
    models: list[str]
    flagged: list[FlaggedPlace]
    failed_chunks: Annotated[list[FailedChunk], Field(description="They stand as they were.")]

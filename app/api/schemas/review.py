"""Bodies of /v1/review and /v1/memory."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.values import Body
from app.review.verdict import Reason, Verdict


class ReviewBody(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"verdict": "accepted"}]})

    verdict: Verdict
    text: Annotated[str | None, Field(description="What it should say; of `corrected` alone.")] = None
    reason: Annotated[Reason | None, Field(description="Why; of `corrected` alone.")] = None


class MemoryMatch(BaseModel):
    source: str
    text: str
    score: Annotated[float, Field(description="Likeness of the source texts, 0 to 100.")]
    exact: bool
    origin: Literal["memory"]


class ReviewItem(BaseModel):
    id: str
    job: str
    document: str
    where: Annotated[str, Field(description="In the document.")]
    source_language: str
    target_language: str
    source: str
    text: str
    flags: list[str]
    models: list[str]
    matches: list[MemoryMatch]


class ReviewReply(BaseModel):
    segments: list[ReviewItem]


class AgreementRow(BaseModel):
    source_language: str
    target_language: str
    models: list[str]
    accepted: int
    corrected: int
    escalated: int
    agreement: Annotated[float | None, Field(description="Accepted of accepted and corrected, 0 to 1.")]


class AgreementReply(BaseModel):
    agreement: list[AgreementRow]


class MemoryEntry(BaseModel):
    id: str
    source_language: str
    target_language: str
    source: str
    text: str
    changed_at: str


class MemoryReply(BaseModel):
    entries: list[MemoryEntry]

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


NextPage = Annotated[
    str | None, Field(description="To be given back as `after`; null on the last page.", examples=[None])
]


class ReviewReply(BaseModel):
    segments: list[ReviewItem]
    next: NextPage


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
    key_id: Annotated[str | None, Field(description="Key of whoever corrected; null for a browser or none.")]
    segment: Annotated[str | None, Field(description="The segment that was corrected.")]


class MemoryReply(BaseModel):
    version: Annotated[int, Field(description="One more with every change of the memory.")]
    entries: list[MemoryEntry]
    next: NextPage


class ErasedReply(BaseModel):
    erased: Annotated[int, Field(description="How many there were.")]

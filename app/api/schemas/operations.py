"""Bodies of problems, and of what operators ask."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class ProblemError(BaseModel):
    location: str
    message: str


class ProblemBody(BaseModel):
    type: str
    title: str
    status: int
    code: Annotated[str, Field(description="Stable; docs/errors.md explains each.")]
    detail: str
    errors: list[ProblemError] | None = None


class HealthReply(BaseModel):
    status: Literal["ok"]


class ReadyReply(BaseModel):
    status: Literal["ready", "starting", "unavailable"]
    database: Literal["ok", "unavailable"]
    files: Annotated[
        Literal["ok", "unavailable"],
        Field(
            description="The store of documents and results; without it texts are translated all the same."
        ),
    ]
    models: Literal["ok", "loading", "degraded", "unavailable"]
    problems: list[str]


class SetAside(BaseModel):
    model: str
    reason: str


class ReadyDetailReply(ReadyReply):
    database_seconds: Annotated[float | None, Field(description="That its last answer took.")]
    files_seconds: Annotated[float | None, Field(description="The same, of the store of files.")]
    queue_tokens: Annotated[int, Field(description="Waiting for an engine thread.")]
    queue_limit: Annotated[int, Field(description="DRAGOMAN_QUEUE_TOKENS")]
    jobs: Annotated[
        dict[str, int] | None, Field(description="By state, of all replicas; null while nobody knows.")
    ]
    chunks: Annotated[
        dict[str, int] | None,
        Field(
            description="Parts of jobs: `waiting`, for which a worker is wanted, and `working`. `problems` says where "
            "the first wait and nobody works."
        ),
    ]
    installed: Annotated[int, Field(description="Models.")]
    loaded: Annotated[list[str], Field(description="Ids of the models in memory.")]
    set_aside: Annotated[
        list[SetAside], Field(description="Models that failed; each is tried again by itself.")
    ]

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

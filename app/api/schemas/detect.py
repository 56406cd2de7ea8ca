"""Bodies of /v1/detect."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.values import Body, Candidates, Texts


class DetectBody(Body):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"text": "Bom dia, onde fica a estação?"}]}
    )

    text: Texts
    candidates: Candidates | None = None


class AlternativeBody(BaseModel):
    language: str
    confidence: float


class DetectionBody(BaseModel):
    language: Annotated[str, Field(description="BCP 47 code, or und below the threshold.")]
    confidence: Annotated[float, Field(description="Calibrated probability of the best candidate.")]
    alternatives: list[AlternativeBody]


class DetectReply(BaseModel):
    detections: list[DetectionBody]

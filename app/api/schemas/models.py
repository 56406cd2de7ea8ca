"""Bodies of /v1/languages and /v1/models."""

from typing import Annotated, Any

from pydantic import BaseModel, Field


class PairBody(BaseModel):
    source: str
    target: str
    route: list[str]
    models: list[str]
    quality: Annotated[
        float,
        Field(
            description="chrF, 0 to 100; of a pivot route the product of its hops. A model's is the mean over its own "
            "test sets, which another model's need not be: it ranks routes here, and is no measure of a text."
        ),
    ]


class LanguagesReply(BaseModel):
    pairs: list[PairBody]
    detectable: list[str]


class ScoreBody(BaseModel):
    testset: str
    source: str
    target: str
    chrf: float
    bleu: float | None


class LanguagePairBody(BaseModel):
    source: str
    target: str


class ModelBody(BaseModel):
    id: str
    pairs: list[LanguagePairBody]
    architecture: str
    licence: str
    attribution: str
    origin: str
    made: str
    token_limit: int
    fingerprint: Annotated[
        str, Field(description="sha256 over the checksums of its files; empty for a model without files.")
    ]
    sha256: dict[str, str]
    scores: list[ScoreBody]
    loaded: bool
    quarantined: Annotated[str | None, Field(description="Why it is set aside; null where it is not.")]


class ModelProblemBody(BaseModel):
    folder: str
    reason: str


class ModelsReply(BaseModel):
    models: list[ModelBody]
    problems: list[ModelProblemBody]
    terms: Annotated[
        dict[str, Any],
        Field(
            description="What translations depend on besides: who says the same, with these models, translates alike."
        ),
    ]

"""Bodies of /v1/languages and /v1/models."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from models.comparison import Grounds

ChosenBy = Annotated[
    Grounds,
    Field(
        description="`only`: there was no other. `rule`: the routes file says so. `scores`: on test sets in common. "
        "`order`: no score in common tells them apart; docs/models.md has the order."
    ),
]


class PairBody(BaseModel):
    source: str
    target: str
    route: list[str]
    models: list[str]
    quality: Annotated[
        float | None,
        Field(
            description="chrF, 0 to 100; of a pivot route the product of its hops; null where one was not measured. A "
            "model's is the mean over its own test sets, which another model's need not be: no measure of a text, and "
            "not what the route was chosen by."
        ),
    ]
    chosen_by: ChosenBy


class ComparedBody(BaseModel):
    models: list[str]
    languages: list[str]
    score: Annotated[
        float | None,
        Field(
            description="Mean chrF on `testsets`; of two hops their product less the penalty. Null where it was not "
            "measured on them."
        ),
    ]


class ChoiceBody(BaseModel):
    by: ChosenBy
    testsets: Annotated[
        list[str], Field(description="Those compared by: names in small letters and digits alone.")
    ]
    compared: Annotated[
        list[ComparedBody],
        Field(description="The chosen one, then the next best four; empty where there was none."),
    ]


class HopChoiceBody(ChoiceBody):
    model: Annotated[str, Field(description="Chosen among all models of the hop's pair.")]


class RoutingBody(ChoiceBody):
    """Why by this route: the choice among all that lead from `source` to `target`, and of each hop's model."""

    source: str
    target: str
    route: list[str]
    models: list[str]
    hops: list[HopChoiceBody]


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

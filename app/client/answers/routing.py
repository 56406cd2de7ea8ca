"""By what route, and why."""

from typing import Literal, TypedDict

ChosenBy = Literal["only", "rule", "scores", "order"]
"""What a route or a model is chosen by; docs/models.md."""


class Compared(TypedDict):
    models: list[str]
    languages: list[str]
    score: float | None


class ChosenModel(TypedDict):
    model: str
    by: ChosenBy
    testsets: list[str]
    compared: list[Compared]


class Routing(TypedDict):
    """Why by this route."""

    source: str
    target: str
    route: list[str]
    models: list[str]
    by: ChosenBy
    testsets: list[str]
    compared: list[Compared]
    """The chosen one first."""
    hops: list[ChosenModel]

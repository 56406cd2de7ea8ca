"""What can be translated, and by what."""

from typing import TypedDict

from app.client.answers.routing import ChosenBy


class Pair(TypedDict):
    source: str
    target: str
    route: list[str]
    models: list[str]
    quality: float | None
    """None where a model of the route was not measured."""
    chosen_by: ChosenBy


class Languages(TypedDict):
    pairs: list[Pair]
    detectable: list[str]


class Direction(TypedDict):
    source: str
    target: str


class Model(TypedDict):
    id: str
    pairs: list[Direction]
    licence: str
    token_limit: int
    fingerprint: str
    loaded: bool
    quarantined: str | None
    """Why it is set aside."""


class Problem(TypedDict):
    folder: str
    reason: str


class Models(TypedDict):
    models: list[Model]
    problems: list[Problem]
    terms: dict[str, object]

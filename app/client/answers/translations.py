"""Translations, their segments and what they came to."""

from typing import Literal, NotRequired, TypedDict

from app.client.answers.routing import Routing


class Fault(TypedDict):
    code: str
    message: str


class Repair(TypedDict):
    step: str
    kept: bool
    flags: list[str]


class Term(TypedDict):
    start: int
    """Of the term in the text sent."""
    end: int
    wanted: str
    applied: bool


class Hop(TypedDict):
    source: str
    target: str
    model: str
    fingerprint: str
    text: str | None
    """What a pivot said in between."""


class Segment(TypedDict):
    start: int
    """First code point of the segment in the text sent."""
    end: int
    source: str
    confidence: float | None
    text: str
    translation_confidence: float | None
    flags: list[str]
    cached: bool
    terms: list[Term]
    repairs: list[Repair]
    """Further tries at it, in order."""
    hops: list[Hop]


class Translation(TypedDict):
    text: str | None
    """None where `status` is failed; `error` says why."""
    source: str
    detected: bool
    confidence: float | None
    languages: dict[str, float]
    target: str
    status: Literal["translated", "unchanged", "failed"]
    route: list[str]
    models: list[str]
    characters: int
    translation_confidence: float | None
    flags: list[str]
    repairs: list[str]
    """Ways in which answers were got that took the place of doubtful ones."""
    error: Fault | None
    segments: NotRequired[list[Segment] | None]
    """Only with `detail`, as is `routing`."""
    routing: NotRequired[list[Routing] | None]


class Charge(TypedDict):
    """Money is a decimal string with nine places."""

    characters: int
    billed_characters: int
    price: str
    cost: str
    currency: str
    compute_seconds: float
    queue_seconds: float
    segments: int
    cached_segments: int


class GlossaryUsed(TypedDict):
    id: str
    name: str
    version: int


class Translations(TypedDict):
    id: str
    translations: list[Translation]
    usage: Charge
    glossary: NotRequired[GlossaryUsed | None]
    """Whose terms were enforced, where a stored one was named."""

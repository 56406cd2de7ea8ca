"""Whose language a text is, and what a translation lost."""

from typing import NotRequired, TypedDict


class Guess(TypedDict):
    language: str
    confidence: float


class Detection(TypedDict):
    language: str
    confidence: float
    alternatives: list[Guess]


class Detections(TypedDict):
    detections: list[Detection]


class ToCheck(TypedDict):
    """What is sent to be checked."""

    source: str
    text: str
    source_language: NotRequired[str]
    target_language: NotRequired[str]


class Finding(TypedDict):
    kind: str
    detail: str
    start: int | None
    end: int | None
    source_start: int | None
    source_end: int | None


class Findings(TypedDict):
    flags: list[Finding]


class Checks(TypedDict):
    results: list[Findings]

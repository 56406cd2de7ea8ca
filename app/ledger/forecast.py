"""A forecast: what work will come to before any of it is done, and how it held against what happened. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Measure = Literal["characters", "billed_characters", "segments", "price", "cost", "compute", "seconds"]


@dataclass(frozen=True, slots=True)
class Range:
    """The likely value of what is not exact, and the band it should lie in."""

    value: float
    low: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.value + other.value, self.low + other.low, self.high + other.high)

    def __mul__(self, factor: float) -> "Range":
        return Range(self.value * factor, self.low * factor, self.high * factor)


NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class PairForecast:
    source: str
    target: str
    route: tuple[str, ...]
    """Languages in order; () where no model is needed or known."""
    models: tuple[str, ...]
    segments: int
    characters: int
    compute: Range
    """Engine thread seconds."""
    speed: str
    """What its speed was taken from, in a sentence; "" without a model."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A language that no route leaves for the target, or text whose language is in doubt."""

    source: str
    target: str
    segments: int
    characters: int
    reason: str


@dataclass(frozen=True, slots=True)
class Forecast:
    texts: int
    characters: int
    billed_characters: int
    unchanged_characters: int
    failed_characters: int
    segments: int
    repeats: int
    """Segments that will be answered without the engine, because an equal one is among them."""
    languages: Mapping[str, int]
    """Characters of each source language, most first; white space between segments aside."""
    pairs: tuple[PairForecast, ...]
    missing: tuple[Missing, ...]
    pivot_factor: float
    """Engine passes a translated character: 1 where every route is direct, 2 where all go through a pivot."""
    currency: str
    price_nanos: int
    compute: Range
    """Engine thread seconds."""
    cost: Range
    """In nano-units."""
    seconds: Range
    """On the clock, with an engine that has nothing else to do."""

    def compare(self, actual: "Actual") -> tuple["Deviation", ...]:
        return (
            _exact("characters", self.characters, actual.characters),
            _exact("billed_characters", self.billed_characters, actual.billed_characters),
            _exact("segments", self.segments, actual.segments),
            _exact("price", self.price_nanos, actual.price_nanos),
            Deviation("cost", self.cost, actual.cost_nanos),
            Deviation("compute", self.compute, actual.compute_seconds),
            Deviation("seconds", self.seconds, actual.seconds),
        )


@dataclass(frozen=True, slots=True)
class Actual:
    """What the work came to, from its ledger entries and the clock."""

    characters: int
    billed_characters: int
    segments: int
    price_nanos: int
    cost_nanos: int
    compute_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Deviation:
    measure: Measure
    forecast: Range
    actual: float

    @property
    def share(self) -> float | None:
        """How far it was off, of the actual: 0.1 is forecast a tenth too high. None of an actual nothing."""
        if self.actual == 0:
            return 0.0 if self.forecast.value == 0 else None
        return (self.forecast.value - self.actual) / self.actual

    @property
    def within(self) -> bool:
        return self.forecast.low <= self.actual <= self.forecast.high


def _exact(measure: Measure, forecast: int, actual: int) -> Deviation:
    return Deviation(measure, Range(forecast, forecast, forecast), actual)

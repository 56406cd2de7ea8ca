"""Geometry of the page's charts, in units of an SVG view box. Pure; the template draws."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 220.0
_LEFT, _BOTTOM, _TOP = 64.0, 24.0, 8.0
_GAP = 0.2
"""Share of a column's place that stays empty."""
_TICKS = 4
"""At most, and the base line."""
_SLACK = 1e-6
_LABELS = 8


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    parts: tuple[tuple[str, float], ...]
    """Kind and size, from the bottom up."""

    @property
    def size(self) -> float:
        return sum(max(size, 0.0) for _, size in self.parts)


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    place: float
    value: float


@dataclass(frozen=True, slots=True)
class Label:
    place: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]
    left: float = _LEFT
    right: float = WIDTH
    base: float = HEIGHT - _BOTTOM
    width: float = WIDTH
    height: float = HEIGHT


def chart(columns: Sequence[Column]) -> Chart:
    """Columns side by side from one base line; what is below zero (a correction) is not drawn."""
    most = max((column.size for column in columns), default=0.0)
    step = nice(most / _TICKS)
    steps = max(math.ceil(most / step - _SLACK), 1)
    scale = (HEIGHT - _TOP - _BOTTOM) / (steps * step)
    place = (WIDTH - _LEFT) / max(len(columns), 1)
    bars = [
        bar for n, column in enumerate(columns) for bar in _stack(column, _LEFT + n * place, place, scale)
    ]
    ticks = [Tick(HEIGHT - _BOTTOM - n * step * scale, n * step) for n in range(steps + 1)]
    every = math.ceil(len(columns) / _LABELS) or 1
    labels = [
        Label(_LEFT + (n + 0.5) * place, column.label) for n, column in enumerate(columns) if n % every == 0
    ]
    return Chart(tuple(bars), tuple(ticks), tuple(labels))


def nice(step: float) -> float:
    """The next of 1, 2, 2.5 or 5 times a power of ten."""
    if step <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(step))
    return next(
        factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= step * (1 - _SLACK)
    )


def _stack(column: Column, left: float, place: float, scale: float) -> list[Bar]:
    bars, y = [], HEIGHT - _BOTTOM
    for kind, size in column.parts:
        height = max(size, 0.0) * scale
        y -= height
        if height:
            bars.append(Bar(kind, left + place * _GAP / 2, y, place * (1 - _GAP), height))
    return bars

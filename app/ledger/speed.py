"""How fast models have been, from the ledger: engine time a character, by model, over the last months."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import RowMapping, func, select

from app.ledger.tables import rollups
from app.storage.engine import Database

DAYS = 90
"""That a measurement is good for."""
ENOUGH = 2_000
"""Characters through the engine before their time says anything."""
BATCHED = 8
"""Segments an entry, on average, above which its engine calls are taken for full ones."""
LEAST_SPREAD = 0.15
"""Half of the narrowest band: other text of the same language differs that much."""
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SUMMED = (
    "requests", "characters", "unchanged_characters", "cached_characters", "failed_characters", "segments",
    "compute_ns",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speed:
    """Nanoseconds of engine threads a character, over all hops."""

    value: float
    low: float
    high: float
    origin: str
    """A sentence on where it comes from."""
    pieces: float | None = None
    """A character of the text it was measured on, so that it can be put right for text of shorter words; None where
    that text is the caller's own kind."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """A tenant's day with one model and job."""

    characters: int
    """Through the engine."""
    compute_ns: int
    batched: bool

    @property
    def speed(self) -> float:
        return self.compute_ns / self.characters


def measured(database: Database, models: Sequence[str], *, batched: bool, today: date) -> Speed | None:
    """None where too little went along this route. `batched`: whether the work to come fills engine calls.

    The tenants are not told apart: it is the machine that is measured.
    """
    samples = [sample for sample in _samples(database, models, today) if sample.batched == batched]
    total = sum(sample.characters for sample in samples)
    if total < ENOUGH:
        return None
    mean = sum(sample.compute_ns for sample in samples) / total
    variance = sum(sample.characters * (sample.speed - mean) ** 2 for sample in samples) / total
    spread = max(LEAST_SPREAD, math.sqrt(variance) / mean)
    kind = "in full batches" if batched else "in small batches"
    origin = f"the ledger: {total:,} characters {kind} in the last {DAYS} days"
    return Speed(mean, mean / (1 + spread), mean * (1 + spread), origin)


def _samples(database: Database, models: Sequence[str], today: date) -> list[_Sample]:
    keys = (rollups.c.tenant, rollups.c.day, rollups.c.kind, rollups.c.job)
    query = (
        select(*(func.sum(rollups.c[name]).label(name) for name in _SUMMED))
        .where(
            rollups.c.models == json.dumps(tuple(models)),
            rollups.c.day > (today - timedelta(days=DAYS)).toordinal() - _EPOCH_DAY,
            rollups.c.kind != "correction",
        )
        .group_by(*keys)
    )
    with database.read() as connection:
        found = [_sample(row) for row in connection.execute(query).mappings()]
    return [sample for sample in found if sample.characters > 0 and sample.compute_ns > 0]


def _sample(row: RowMapping) -> _Sample:
    aside = ("unchanged_characters", "cached_characters", "failed_characters")
    characters = int(row["characters"]) - sum(int(row[name]) for name in aside)
    return _Sample(characters, int(row["compute_ns"]), int(row["segments"]) >= BATCHED * int(row["requests"]))

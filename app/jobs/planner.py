"""A document's units cut into chunks, each a checkpoint and a charge. Pure but for its cost: run it in a thread."""

from collections.abc import Iterator, Sequence
from typing import Any

from app import segmentation
from app.jobs.store import NewChunk

CHARACTERS = 6_000
"""Of a chunk, about: what a killed worker repeats at most, some seconds of a processor core."""
UNITS = 200


def plan(units: Sequence[Any], *, source: str | None, most: int | None = None) -> list[NewChunk]:
    """`units` as app.jobs.parsing reads them, in order, none left out. `most`: characters of a chunk, where that is
    less than usual; a unit is in one chunk whatever its length.
    """
    characters = CHARACTERS if most is None else min(most, CHARACTERS)
    return [_chunk(run, source) for run in _runs(units, characters)]


def _runs(units: Sequence[Any], characters: int) -> Iterator[list[Any]]:
    run: list[Any] = []
    size = 0
    for unit in units:
        length = len(unit[0])
        if run and (size + length > characters or len(run) == UNITS):
            yield run
            run, size = [], 0
        run.append(unit)
        size += length
    if run:
        yield run


def _chunk(units: list[Any], source: str | None) -> NewChunk:
    segments = sum(
        len(segmentation.split(text, source or language or "en")) for text, _, language, _ in units
    )
    return NewChunk(units, segments, sum(len(unit[0]) for unit in units))

"""Texts of other services' requests as they go back: what came of each, and what it is billed."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.results import Failure, Status, TextResult


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    """As it was sent where nothing of it could be translated."""
    source: str
    confidence: float | None
    """Calibrated probability; None where the language was named."""
    billed: int
    """Characters."""
    flags: tuple[str, ...] = ()
    failure: Failure | None = None
    """Why nothing, or not everything, was translated."""
    failed: bool = False
    """Nothing was."""
    alternatives: tuple[str, ...] = ()


def piece(sent: str, result: TextResult, parts: Sequence[TextResult], *, charge_cached: bool) -> Piece:
    """`parts`: what was translated and charged; of a plain text, its own result alone."""
    return Piece(
        sent if result.text is None else result.text,
        result.source,
        result.confidence,
        sum(_billed(part, charge_cached=charge_cached) for part in parts),
        result.flags,
        result.failure,
        result.status is Status.FAILED,
        result.alternatives,
    )


def _billed(result: TextResult, *, charge_cached: bool) -> int:
    """As app.charging counts: without what failed and, where that is free, what was remembered."""
    if result.status is Status.FAILED:
        return 0
    free = sum(
        segment.end - segment.start
        for segment in result.segments
        if segment.failure is not None or (segment.cached and not charge_cached)
    )
    return result.characters - free

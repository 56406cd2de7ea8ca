"""How much of everything a run does."""

from dataclasses import dataclass

from app.bench.measure import ENOUGH

SEGMENTS = 20_000
RECORDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int = ENOUGH
    quick: bool = False
    seed: int = 20261122
    segments: int = SEGMENTS
    """Distinct segments of the bulk benchmark."""
    records: int = RECORDS
    """Records of the memory benchmark."""

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

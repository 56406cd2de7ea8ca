"""How much of everything a run does."""

from dataclasses import dataclass

from benchmarks.measure import ENOUGH


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int = ENOUGH
    quick: bool = False
    seed: int = 20261122
    segments: int = 20_000
    """Distinct segments of the bulk benchmark."""
    records: int = 1_000_000
    """Records of the memory benchmark."""

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

"""Which models leave memory for another. Pure: no clock, no loading."""

from collections.abc import Iterable
from dataclasses import dataclass

SOONEST = 0.05
"""Seconds. Models that load faster than this cost about the same to have back."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A model in memory that nobody uses at the moment."""

    key: str
    size: int
    """Bytes."""
    idle: float
    """Seconds since it was last used."""
    reload: float
    """Seconds that loading it took."""

    @property
    def waste(self) -> float:
        """Memory held for nothing, over what it would cost to have the model back: idle seconds x bytes a second of
        loading. Models that load at one speed leave in the order in which they were last used.
        """
        return self.idle * self.size / max(self.reload, SOONEST)


def leaving(idle: Iterable[Resident], *, surplus: int) -> list[str]:
    """Keys of the models to close, the most wasteful first, until `surplus` bytes are free; all if too little is."""
    found: list[str] = []
    for each in sorted(idle, key=lambda each: -each.waste):
        if surplus <= 0:
            break
        found.append(each.key)
        surplus -= each.size
    return found

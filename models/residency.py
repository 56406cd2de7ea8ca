"""Which models leave memory for another, and whether waiting for room is of use. Pure: no clock, no loading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SOONEST = 0.05
"""Seconds. Models that load faster than this cost about the same to have back."""


@dataclass(frozen=True, slots=True)
class Resident:
    """A model that takes memory, as it stands now."""

    key: str
    size: int
    """Bytes, or what is set apart for it while it loads."""
    idle: float = 0.0
    """Seconds since it was last used."""
    reload: float = 0.0
    """Seconds that loading it took."""
    loaded: bool = True
    busy: bool = False
    """Somebody uses it, or waits for it to load."""
    claimed: bool = False
    """Requests under way will need it."""
    pinned: bool = False

    @property
    def waste(self) -> float:
        """Memory held for nothing, over what it would cost to have the model back: idle seconds x bytes a second of
        loading. Models that load at one speed leave in the order in which they were last used.
        """
        return self.idle * self.size / max(self.reload, SOONEST)

    def may_leave(self, *, claimed: bool) -> bool:
        """`claimed`: even though requests under way will need it."""
        return self.loaded and not self.busy and not self.pinned and (claimed or not self.claimed)


def leaving(residents: Iterable[Resident], *, surplus: int, claimed: bool = False) -> list[str]:
    """Keys of the models to close, the most wasteful first, until `surplus` bytes are free; all that may if too little
    is. `claimed`: of those that requests will need, too.
    """
    found: list[str] = []
    free = (each for each in residents if each.may_leave(claimed=claimed))
    for each in sorted(free, key=lambda each: -each.waste):
        if surplus <= 0:
            break
        found.append(each.key)
        surplus -= each.size
    return found


def worth_waiting(residents: Sequence[Resident]) -> bool:
    """Whether memory will come free by itself: of what is used or claimed now, and may leave afterwards."""
    return any(each.size and (each.busy or each.claimed) and not each.pinned for each in residents)

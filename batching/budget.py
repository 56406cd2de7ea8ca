"""Padded-token arithmetic. The engine pads every segment of a batch to the longest: that is what a batch costs."""

from collections.abc import Iterable
from dataclasses import dataclass

UNBOUNDED = 1 << 20
"""Segments of a batch where only tokens bound it, or padded tokens where only segments do."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one batch may hold."""

    tokens: int
    """Padded."""
    segments: int = UNBOUNDED

    def allows(self, longest: int, count: int) -> bool:
        """Whether `count` segments, the longest of `longest` tokens, make a batch. One alone always does."""
        return count == 1 or (count <= self.segments and longest * count <= self.tokens)


def padded(lengths: Iterable[int]) -> int:
    """Padded tokens of a batch of segments with these lengths: longest times count."""
    longest = count = 0
    for length in lengths:
        count += 1
        longest = max(longest, length)
    return longest * count


def share(total: int, count: int) -> list[int]:
    """`total` split over the `count` segments of a batch by padded tokens, to the last unit.

    Every segment of a batch is padded to the same length, so the shares are equal; the first few take the
    remainder, and the sum is exactly `total`.
    """
    each, left = divmod(total, count)
    return [each + (index < left) for index in range(count)]

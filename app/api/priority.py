"""Which class a request belongs to: what its caller says, or else its size."""

from batching.work import Priority

LARGE = 16 * 1024
"""Bytes of a body from which nobody waits at a screen for the answer: over a hundred sentences."""


def priority_of(named: str | None, size: int) -> Priority:
    """`named`: the header `X-Priority`. `size`: bytes of the body."""
    if named is not None:
        return Priority[named.upper()]
    return Priority.BULK if size > LARGE else Priority.INTERACTIVE

"""Which segments may share an engine call and still come out, to the last bit, as they do alone. Pure.

int8 products are exact integers whatever the shape of a batch, and the floating-point rest works on one sentence at a
time: segments of one length meet the very sums they meet alone (docs/benchmarks.md, "Same text, same answer"). Other
arithmetic rounds by the size of the batch, and more than one hypothesis adds sums over the beam.
"""

from collections import defaultdict
from collections.abc import Sequence


def may_share(compute_type: str, *, beam_size: int) -> bool:
    """Whether segments of one length may share a call; `compute_type` as the engine resolved it."""
    return compute_type.startswith("int8") and beam_size == 1


def calls(lengths: Sequence[int], *, shared: bool) -> list[list[int]]:
    """A batch, by its segments' lengths, as the engine calls that it takes: positions, each exactly once."""
    if not shared:
        return [[position] for position in range(len(lengths))]
    alike: defaultdict[int, list[int]] = defaultdict(list)
    for position, length in enumerate(lengths):
        alike[length].append(position)
    return list(alike.values())

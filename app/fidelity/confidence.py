"""How likely a translation is to be a good one, by what the model itself thought of it.

Good: a chrF of 50 or more against a human translation. Learned by benchmarks/confidence.py from every other line of
FLORES-101 and of its noisy twin, with both embedded models; docs/benchmarks.md, "Confidence", shows how it holds on
the rest.
"""

import math
from collections.abc import Sequence

LOW = 0.6
"""Below it the flag low_confidence is raised."""
_CONSTANT, _SLOPE = 2.666, 7.772


def confidence(scores: Sequence[float]) -> float | None:
    """`scores`: mean logarithm of the probabilities of the pieces, one a hop. None without any.

    Every hop has to be good: a pivot's are multiplied.
    """
    if not scores:
        return None
    return math.prod(1 / (1 + math.exp(-(_CONSTANT + _SLOPE * score))) for score in scores)

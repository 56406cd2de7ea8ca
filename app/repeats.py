"""Which segments came before, in memory that does not grow with them: a Bloom filter."""

import hashlib
import math
import mmap

_BITS = 1 << 28
"""32 MB, of which a small corpus takes little: pages that nobody touched are nowhere."""
_PROBES = 5


class Seen:
    """Never takes a repeat for new. Takes a new segment for a repeat now and then: see `mistaken`."""

    def __init__(self) -> None:
        self._bits = mmap.mmap(-1, _BITS >> 3)

    def repeated(self, models: tuple[str, ...], text: str) -> bool:
        """Whether these models were given this text before; it has been from now on."""
        digest = hashlib.blake2b(text.encode(), digest_size=16, person=b"segment")
        digest.update("\0".join(models).encode())
        start, step = divmod(int.from_bytes(digest.digest()), 1 << 64)
        bits, known = self._bits, True
        for _ in range(_PROBES):
            place, bit = (start >> 3) % len(bits), 1 << (start & 7)
            if not bits[place] & bit:
                known = False
                bits[place] |= bit
            start += step | 1
        return known


def mistaken(distinct: int) -> float:
    """Probability that a new segment is taken for a repeat once so many distinct ones have been seen."""
    return (1 - math.exp(-_PROBES * distinct / _BITS)) ** _PROBES

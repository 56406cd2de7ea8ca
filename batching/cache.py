"""Translations of recent segments, in memory only, bounded, and each tenant's apart."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from batching.work import Outcome
from models.contracts import Span

_LINK = 300
"""Bytes of a link."""
_OVERHEAD = 400
"""Bytes that an entry takes beside its text: key, outcome and dictionary slot, measured on CPython 3.11."""

Place = tuple[str, str, bytes]


class SegmentCache:
    """Least recently used leaves first. Not thread-safe: lives on the event loop.

    The tenant is part of the key: nobody learns from the speed of an answer what another tenant has sent. So is
    the model, whose id, checksums and way of decoding `model` stands for; the engine's options do not change.
    """

    def __init__(self, limit: int) -> None:
        """`limit`: bytes, about; 0 keeps nothing."""
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[Place, Outcome] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self._size

    def get(
        self, tenant: str, model: str, tokens: Sequence[str], *, places: Sequence[Span] = ()
    ) -> Outcome | None:
        """The outcome as one that took no engine time and no waiting."""
        if not self._entries:
            return None
        place = (tenant, model, _digest(tokens, places))
        found = self._entries.get(place)
        if found is not None:
            self._entries.move_to_end(place)
        return found

    def put(
        self,
        tenant: str,
        model: str,
        tokens: Sequence[str],
        outcome: Outcome,
        *,
        places: Sequence[Span] = (),
    ) -> None:
        """Keeps a finished outcome; one without text (the engine failed) is not kept."""
        if outcome.text is None or _weight(outcome) > self._limit:
            return
        place = (tenant, model, _digest(tokens, places))
        if place in self._entries:
            return
        self._entries[place] = replace(outcome, compute_ns=0, queue_ns=0, cached=True)
        self._size += _weight(outcome)
        while self._size > self._limit:
            _, leaving = self._entries.popitem(last=False)
            self._size -= _weight(leaving)


def _digest(tokens: Sequence[str], places: Sequence[Span]) -> bytes:
    """128 bits; no piece holds the separator, which SentencePiece maps to white space.

    An outcome's links are between the places that were asked about, so these are part of it.
    """
    digest = hashlib.blake2b("\n".join(tokens).encode("utf-8", "surrogatepass"), digest_size=16)
    if places:
        digest.update(f"\n{tuple(places)}".encode())
    return digest.digest()


def _weight(outcome: Outcome) -> int:
    texts = "".join((outcome.text or "", *outcome.others)).encode("utf-8", "surrogatepass")
    return _OVERHEAD + len(texts) + _LINK * len(outcome.links)

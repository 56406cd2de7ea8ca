"""Translations of recent segments, in memory only, bounded, and each tenant's apart."""

import hashlib
from collections import OrderedDict

from batching.work import Outcome, Place

_LINK = 300
"""Bytes of a link."""
_OVERHEAD = 600
"""Bytes that an entry takes beside its text: key, outcome and dictionary slot, measured on CPython 3.11."""


class SegmentCache:
    """Least recently used leaves first. Not thread-safe: lives on the event loop.

    The key is the text, which decides the tokens: a repeat is not even tokenised. The tenant is part of it: nobody
    learns from the speed of an answer what another tenant has sent. So is the model, whose id and checksums, language
    pair and way of decoding `model` stands for; the engine's options do not change.
    """

    def __init__(self, limit: int) -> None:
        """`limit`: bytes, about; 0 keeps nothing."""
        self._limit = limit
        self._size = 0
        self._entries: OrderedDict[Place, tuple[Outcome, int]] = OrderedDict()
        """Outcomes and what they weigh."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self._size

    def place(self, tenant: str, model: str, text: str, *, linked: bool = False) -> Place | None:
        """Where the outcome of this text is kept, with links or without; None where nothing is."""
        return (tenant, model, linked, _digest(text)) if self._limit else None

    def get(self, place: Place | None) -> Outcome | None:
        """The outcome as one that took no engine time and no waiting."""
        if place is None or (found := self._entries.get(place)) is None:
            return None
        self._entries.move_to_end(place)
        outcome, weight = found
        if not outcome.cached:
            # Once for all who will ask: it costs as much as the rest of this.
            outcome = outcome.again()
            self._entries[place] = (outcome, weight)
        return outcome

    def put(self, place: Place | None, outcome: Outcome) -> None:
        """Keeps a finished outcome; one without text (the engine failed) is not kept."""
        if place is None or outcome.text is None or place in self._entries:
            return
        weight = _weight(outcome)
        if weight > self._limit:
            return
        self._entries[place] = (outcome, weight)
        self._size += weight
        while self._size > self._limit:
            _, (_, leaving) = self._entries.popitem(last=False)
            self._size -= leaving


def _digest(text: str) -> bytes:
    """128 bits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _weight(outcome: Outcome) -> int:
    texts = sum(len(text.encode("utf-8", "surrogatepass")) for text in (outcome.text or "", *outcome.others))
    return _OVERHEAD + texts + _LINK * len(outcome.links)

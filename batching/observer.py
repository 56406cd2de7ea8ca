"""Observer: what the queue tells whoever keeps the metrics. Called on the event loop; must not block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from batching.work import Priority


@dataclass(frozen=True, slots=True)
class Served:
    """What an engine call was for one of the submissions in it. Times are of the event loop's clock, in seconds."""

    mark: object
    """As the observer gave it."""
    model: str
    priority: str
    segments: int
    """Of this submission."""
    arrived: float
    started: float
    ended: float
    batch_segments: int
    padded: int
    compute_ns: int
    failed: int
    """Segments of the batch that the engine failed on."""


class Observer(Protocol):
    def mark(self) -> object | None:
        """Asked for each submission to a lane: what it is to be known by in `served`; None: nobody wants to know."""

    def served(self, works: Sequence[Served]) -> None:
        """After an engine call, for the submissions in it that have a mark; not called where none has."""

    def queued(self, tokens: int) -> None:
        """Tokens now waiting, over all lanes."""

    def dropped(self, count: int) -> None:
        """Segments left the queue unserved: the caller went away or the deadline passed."""

    def repeated(self, *, coalesced: int, cached: int) -> None:
        """Of a submission, segments equal to one waiting or running, and segments remembered from before."""

    def waited(self, priority: Priority, seconds: Sequence[float]) -> None:
        """Of segments that enter the engine together: how long each waited for it."""

    def batch(
        self, model: str, *, priority: Priority, segments: int, tokens: int, padded: int, compute_ns: int
    ) -> None:
        """An engine call ended; `tokens` of the `padded` ones were real, `compute_ns` is thread time."""

    def failed(self, model: str, segments: int) -> None:
        """The engine failed on segments that were then tried alone."""

    def hung(self, model: str) -> None:
        """An engine call did not come back; its thread was given up and the model loaded anew."""


class Silent:
    """The observer for those who keep no metrics."""

    def mark(self) -> object | None:
        return None

    def served(self, works: Sequence[Served]) -> None: ...
    def queued(self, tokens: int) -> None: ...
    def dropped(self, count: int) -> None: ...
    def repeated(self, *, coalesced: int, cached: int) -> None: ...
    def waited(self, priority: Priority, seconds: Sequence[float]) -> None: ...
    def batch(
        self, model: str, *, priority: Priority, segments: int, tokens: int, padded: int, compute_ns: int
    ) -> None: ...
    def failed(self, model: str, segments: int) -> None: ...
    def hung(self, model: str) -> None: ...

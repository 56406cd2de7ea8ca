"""WorkItem: one segment waiting for, or in, the engine, and those who wait for it."""

import asyncio
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

from models.contracts import Link, Span, TokenizedSegment


class Priority(IntEnum):
    INTERACTIVE = 0
    """Somebody waits for the answer."""
    BULK = 1
    """Nobody watches; throughput counts."""


Place = tuple[str, str, bool, bytes]
"""Of an outcome in the memory of answers: tenant; model, language pair and way of decoding; whether with links; digest
of the text."""
Key = tuple[str, Priority, tuple[str, ...], tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one segment, on one hop or over a whole route."""

    text: str | None
    """The translation; None where the engine failed on this segment alone."""
    source_tokens: int = 0
    target_tokens: int = 0
    compute_ns: int = 0
    """This segment's share of the engine's thread time."""
    queue_ns: int = 0
    """Longest wait of any of its parts between being submitted and entering the engine."""
    cached: bool = False
    """Equal to a segment that was waiting, running or remembered: no engine time of its own."""
    truncated: bool = False
    unknown: int = 0
    """Pieces that the model has never seen."""
    parts: int = 1
    """Into how many parts it was cut to fit the model."""
    links: tuple[Link, ...] = ()
    """Between source and translation, where they were asked for."""
    via: tuple[str, ...] = ()
    """Of a pivot: what the hops before the last answered."""
    load_ns: int = 0
    """How long its request waited for models to be loaded."""
    others: tuple[str, ...] = ()
    """Next best translations, where they were asked for."""
    scores: tuple[float, ...] = ()
    """One a hop, where they were asked for and the model has them: mean logarithm of its pieces' probabilities."""

    def again(self) -> "Outcome":
        """The same for whoever else asked: no engine time and no waiting of its own."""
        return replace(self, compute_ns=0, queue_ns=0, cached=True)


@dataclass(slots=True, eq=False)
class Group:
    """The segments of one submission on one lane: one future for all of them."""

    future: asyncio.Future[list[Outcome]]
    outcomes: list[Outcome | None]
    left: int
    mark: object | None = None
    """The observer's, where it wants to know what became of this submission."""

    @classmethod
    def of(cls, size: int, *, mark: object | None = None) -> "Group":
        return cls(asyncio.get_running_loop().create_future(), [None] * size, size, mark)

    @property
    def waits(self) -> bool:
        return not self.future.done()

    def settle(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self.left -= 1
        if self.left == 0 and self.waits:
            self.future.set_result([each for each in self.outcomes if each is not None])

    def fail(self, error: Exception) -> None:
        if self.waits:
            self.future.set_exception(error)


class Ticket(NamedTuple):
    """A tuple: one is made for every segment, and a frozen dataclass takes four times as long."""

    group: Group
    number: int


@dataclass(slots=True, eq=False)
class WorkItem:
    segment: TokenizedSegment
    tenant: str
    priority: Priority
    sequence: int
    """Order of arrival on its lane."""
    arrived: float
    """Time of the event loop's clock, seconds."""
    tickets: list[Ticket] = field(default_factory=list)
    place: Place | None = None
    """In the memory of answers."""
    length: int = field(init=False)
    """Tokens. Kept: choosing a batch asks for it again and again."""

    def __post_init__(self) -> None:
        self.length = self.segment.length

    @property
    def key(self) -> Key:
        """Equal keys are translated once, with links or without. The tenant is part of it: nobody learns from the
        speed of an answer what another tenant has sent.
        """
        return (self.tenant, self.priority, self.segment.tokens, self.segment.places)

    @property
    def wanted(self) -> bool:
        """Whether anyone still waits for it."""
        return any(ticket.group.waits for ticket in self.tickets)

"""What a translation request asks and what it gets, independent of HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal

from app.documents.format import Translated, Unit
from app.edges import USUAL, Manner
from app.glossary.matching import PLAIN, Protection
from app.glossary.terms import Edition
from app.ledger.counting import Counts
from app.ledger.entry import LedgerEntry, new_id
from app.quality.tally import Tally
from app.tenants.tenant import LOCAL
from batching.work import Priority
from models.contracts import Link
from models.route import Route


class Status(Enum):
    TRANSLATED = "translated"
    """At least one segment was translated."""
    UNCHANGED = "unchanged"
    """None of it was translated: what is in the target language, or holds no words, stands as it was sent."""
    FAILED = "failed"
    """Nothing could be translated; `error` says why."""


@dataclass(frozen=True, slots=True)
class TranslationRequest:
    texts: Sequence[str]
    target: str
    """Language code in any form; normalised by the service, like `source` and `candidates`."""
    source: str | None = None
    """None: detect, for every segment."""
    candidates: Sequence[str] | None = None
    tenant: str = LOCAL
    priority: Priority = Priority.INTERACTIVE
    kind: Literal["request", "chunk"] = "request"
    idempotency_key: str | None = None
    """None: the request is its own key and is charged."""
    implicit_key: str | None = None
    """Without a key of the caller's: what it is charged under if anything is billed, so that its repeats are not."""
    digest: str = ""
    """Tells two requests under one key apart; required with a key."""
    timeout: float | None = None
    """Seconds."""
    key_id: str | None = None
    """Of the API key it came with; None while the service is open."""
    cost_centre: str | None = None
    """What the caller files the charge under; checked by app.validation."""
    job: str | None = None
    chunk: int | None = None
    """Number within `job`."""
    protection: Protection = PLAIN
    """Terms that are enforced, and text that stands as it is."""
    manner: Manner = USUAL
    """Where sentences end, and how their translations do."""
    tagged: Mapping[int, Unit] = field(default_factory=dict)
    """Units with tags, by the number of their text: their segments have links, and their tags find their places. The
    translation is the same without."""
    alternatives: int = 0
    """Next best translations of each text, at most; more than models.contracts.MOST_OTHERS there never are. The engine
    then searches more widely, and the best may be another one than without."""
    scored: bool = False
    """Whether each segment is to say how likely it is to be a good translation; the translation is the same without."""
    memory: bool = False
    """Whether the tenant's memory answers for what is the very text of an entry."""
    markup: Sequence[Counts] = ()
    """Of texts that are what a reader sees of markup: what was sent beside each."""
    id: str = field(default_factory=new_id)
    """Names the request in the answer, the log and the ledger."""

    @property
    def characters(self) -> int:
        """Of what was sent, as they are counted."""
        return sum(map(len, self.texts)) + sum(each.characters for each in self.markup)


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class TermUse:
    """A term of the source, by its place in the text sent, and what became of it."""

    start: int
    end: int
    wanted: str
    applied: bool


@dataclass(frozen=True, slots=True)
class Repair:
    """One more try at a doubtful segment."""

    step: str
    """Key of app.repair.STEPS."""
    kept: bool
    """Whether its answer took the place of the one before."""
    flags: tuple[str, ...]
    """Of its answer."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a person wrote for this very text: an entry of the tenant's memory."""

    entry: str
    """Its id; an entry never changes, so it names the very words."""
    text: str
    changed_at: datetime
    key_id: str | None = None
    """Of whoever wrote it."""
    place: str | None = None
    """The segment that was corrected then."""


@dataclass(frozen=True, slots=True)
class SegmentResult:
    start: int
    end: int
    source: str
    confidence: float | None
    text: str
    """The translation, or the source where it passed through or could not be translated."""
    flags: tuple[str, ...]
    cached: bool = False
    failure: Failure | None = None
    terms: tuple[TermUse, ...] = ()
    """Of the glossary and the protected texts."""
    links: tuple[Link, ...] = ()
    """In offsets from the segment's start and from that of `text`, where they were asked for and the model knows."""
    route: Route | None = None
    """None where no model was needed or known."""
    via: tuple[str, ...] = ()
    """Of a pivot: what its hops before the last answered."""
    others: tuple[str, ...] = ()
    """Next best translations, where they were asked for."""
    repairs: tuple[Repair, ...] = ()
    """In the order in which they were tried."""
    unit: int | None = None
    """Of markup, the number of the unit whose text `start` and `end` count in."""
    quality: float | None = None
    """Calibrated probability that the translation is good, where it was asked for and the model says."""
    read_as: str | None = None
    """What the model read where that is not the source as written: flagged `recased` or `expanded`."""
    memory: Remembered | None = None
    """Where a person's correction stands in place of a model's answer."""


@dataclass(frozen=True, slots=True)
class TextResult:
    text: str | None
    """None where status is FAILED."""
    status: Status
    source: str
    detected: bool
    confidence: float | None
    languages: dict[str, float]
    target: str
    route: tuple[str, ...]
    models: tuple[str, ...]
    characters: int
    flags: tuple[str, ...]
    failure: Failure | None
    """Why nothing, or not everything, was translated."""
    segments: tuple[SegmentResult, ...]
    placed: Translated | None = None
    """With the tags of its unit, where it has any and was translated. Its text may differ by what was to be kept."""
    alternatives: tuple[str, ...] = ()
    """Of the whole text, the likeliest first; no two equal, none equal to `text`."""


@dataclass(frozen=True, slots=True)
class TranslationResult:
    id: str
    texts: tuple[TextResult, ...]
    entry: LedgerEntry
    """What was written to the ledger; of a duplicate, what would have been."""
    duplicate: bool
    """The idempotency key was charged before: nothing is billed this time."""
    glossary: Edition | None = None
    """Whose terms were enforced."""
    memory: int | None = None
    """Version of the tenant's memory, where it was applied."""
    load_ns: int = 0
    """How long it waited for models to be loaded."""
    tallies: tuple[Tally, ...] = ()
    """What it adds to the quality counts."""

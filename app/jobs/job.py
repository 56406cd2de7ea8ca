"""A job and what may become of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

from app.glossary.matching import PLAIN, Protection

ID_PREFIX = "job_"


class State(StrEnum):
    QUEUED = "queued"
    """Accepted; nothing of it was begun."""
    RUNNING = "running"
    """At least one chunk was begun."""
    SUCCEEDED = "succeeded"
    """The translated file is there; chunks that failed are named in its report and stand as they were."""
    FAILED = "failed"
    """Nothing could be translated, or the file could not be put together."""
    CANCELLED = "cancelled"
    """Ended on request; source and result are deleted."""
    EXPIRED = "expired"
    """Over; source and result were deleted, on request or after their time."""


OPEN = frozenset({State.QUEUED, State.RUNNING})
DELETED = frozenset({State.CANCELLED, State.EXPIRED})

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.QUEUED: frozenset({State.RUNNING, State.CANCELLED}),
        State.RUNNING: frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED}),
        State.SUCCEEDED: frozenset({State.EXPIRED}),
        State.FAILED: frozenset({State.EXPIRED}),
        State.CANCELLED: frozenset(),
        State.EXPIRED: frozenset(),
    }
)


def deleted(state: State) -> State:
    """What a job becomes when its files are deleted."""
    if state in OPEN:
        return State.CANCELLED
    return state if state in DELETED else State.EXPIRED


def before(state: State) -> frozenset[State]:
    """The states from which `state` may follow."""
    return frozenset(each for each, after in TRANSITIONS.items() if state in after)


class ChunkState(StrEnum):
    WAITING = "waiting"
    """For a worker, or for the time of its next attempt."""
    LEASED = "leased"
    """A worker has it until its lease ends."""
    DONE = "done"
    """Its result and its charge are in the database."""
    FAILED = "failed"
    """Given up after its last attempt; its text stands as it was."""
    CANCELLED = "cancelled"
    """Its job was cancelled."""


class Kind(StrEnum):
    TRANSLATE = "translate"
    COMPOSE = "compose"
    """The last chunk of every job: puts the file together once all others are done or given up."""


class Precedence(IntEnum):
    """Among the jobs of one tenant; between tenants it is turn by turn. As stored."""

    HIGH = 0
    """Somebody waits for it."""
    NORMAL = 1
    LOW = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Fault:
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for a document."""

    tenant: str
    target: str
    source: str | None = None
    """None: detect, for every segment."""
    name: str = "document"
    """Of the file, without folders."""
    media_type: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    """As app.jobs.parsing hands them to the formats."""
    key_id: str | None = None
    cost_centre: str | None = None
    priority: Precedence = Precedence.NORMAL
    protection: Protection = PLAIN
    """Terms that are enforced, and text that stands as it is."""
    confidence: bool = False
    """Whether each segment is to say how likely it is to be a good translation."""
    memory: bool = False
    """Whether the tenant's memory is applied."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Sums over a job's chunks."""

    segments: int = 0
    """Planned ones where a chunk is not done yet."""
    segments_done: int = 0
    characters: int = 0
    characters_done: int = 0
    chunks: int = 0
    chunks_done: int = 0
    chunks_failed: int = 0
    flags: Mapping[str, int] = field(default_factory=dict)
    """Segments by flag."""
    paced_until: datetime | None = None
    """When a chunk goes on that found no room under the limit of characters a minute; None where none waits for it."""
    billed_characters: int = 0
    price_nanos: int = 0
    cost_nanos: int = 0
    compute_ns: int = 0
    load_ns: int = 0
    """The longest that a chunk waited for models to be loaded."""


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    tenant: str
    state: State
    format: str
    target: str
    source: str | None
    created_at: datetime
    name: str | None = None
    """None once the job is deleted."""
    media_type: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    key_id: str | None = None
    cost_centre: str | None = None
    priority: Precedence = Precedence.NORMAL
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    source_blob: str | None = None
    result_blob: str | None = None
    result_media_type: str | None = None
    result_suffix: str | None = None
    fault: Fault | None = None
    notes: Sequence[Mapping[str, object]] = ()
    forecast: Mapping[str, object] | None = None
    """What it was expected to come to, as app.bodies.estimate shows it."""
    confidence: bool = False
    glossary: Mapping[str, object] | None = None
    """Id, name and version of the one whose terms are enforced."""
    memory: bool = False
    """Whether the tenant's memory is applied, as it is when a chunk's turn comes."""

    @property
    def over(self) -> bool:
        return self.state not in OPEN


@dataclass(frozen=True, slots=True)
class Lease:
    """One worker's right to one chunk. A later lease of the same chunk has a higher token, and this one is void."""

    job: Job
    number: int
    kind: Kind
    token: int
    attempts: int
    """This one included."""


@dataclass(frozen=True, slots=True)
class ChunkReport:
    number: int
    state: ChunkState
    units: Sequence[Any]
    results: Sequence[Any]
    entry_id: str | None
    fault: Fault | None


def seconds_left(job: Job, progress: Progress, *, now: datetime) -> float | None:
    """At the speed so far; None before anything is done."""
    if job.over or job.started_at is None or not progress.characters_done:
        return None
    spent = (now - job.started_at).total_seconds()
    return spent * (progress.characters - progress.characters_done) / progress.characters_done


def result_name(job: Job) -> str:
    """`letter.txt` in English is `letter.en.txt`."""
    stem, point, _ = (job.name or "document").rpartition(".")
    return f"{stem if point and stem else job.name or 'document'}.{job.target}{job.result_suffix or ''}"

"""Jobs as their pages show them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.flags import FACTS, LEFT_UNTRANSLATED
from app.jobs.job import DELETED, OPEN, ChunkReport, Job, Progress, State, seconds_left
from app.web.view import Pair

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class JobView:
    id: str
    name: str
    state: str
    source: str | None
    target: str
    made: datetime
    expires: datetime | None
    segments: int
    segments_done: int
    characters: int
    billed: int
    share: float
    """Of the characters done, 0 to 1."""
    minutes_left: int | None
    """Rounded up; 0 is under a minute; None: nothing can be said yet."""
    paced: bool
    """The limit of characters a minute holds it up."""
    place: int
    """Of the tenant's own jobs before this one, while it waits."""
    doubts: Mapping[str, int]
    failed_parts: int
    fault: str | None
    fault_code: str
    notes: Sequence[str]

    @property
    def over(self) -> bool:
        return State(self.state) not in OPEN

    @property
    def deleted(self) -> bool:
        return State(self.state) in DELETED


def view(job: Job, progress: Progress, *, place: int = 0) -> JobView:
    left = seconds_left(job, progress, now=datetime.now(UTC))
    return JobView(
        job.id,
        job.name or job.id,
        job.state.value,
        job.source,
        job.target,
        job.created_at,
        job.expires_at,
        progress.segments,
        progress.segments_done,
        progress.characters,
        progress.billed_characters,
        progress.characters_done / progress.characters if progress.characters else 0.0,
        None if left is None else int(left // _MINUTE) + (left >= _MINUTE),
        progress.paced_until is not None,
        place,
        dict(sorted(_doubts(progress).items(), key=lambda each: -each[1])),
        progress.chunks_failed,
        None if job.fault is None else job.fault.message,
        "" if job.fault is None else job.fault.code,
        [str(note.get("message", "")) for note in job.notes],
    )


def ahead(job: Job, jobs: Sequence[Job]) -> int:
    """How many of `jobs` come before it: the tenant's own, others' are nobody's business."""
    mine = (job.priority, job.created_at)
    return sum(not each.over and (each.priority, each.created_at) < mine for each in jobs)


def segments(
    chunks: Sequence[ChunkReport], *, target: str, doubtful: bool = False, flag: str = ""
) -> list[Pair]:
    """Of the whole document in order, or those with a doubt, or with one `flag`; numbered in the whole."""
    pairs = (Pair(number, *parts, target=target) for number, parts in enumerate(_parts(chunks), 1))
    return [pair for pair in pairs if (not doubtful or pair.doubtful) and (not flag or flag in pair.flags)]


def _parts(chunks: Sequence[ChunkReport]) -> Iterator[tuple[str, str, str, tuple[str, ...], str]]:
    """Source, translation, language, flags and place of every segment that is done or given up."""
    for chunk in chunks:
        if chunk.units and chunk.fault is not None:
            yield from ((text, text, "und", (LEFT_UNTRANSLATED,), where) for text, where, *_ in chunk.units)
        for (text, where, *_), result in zip(chunk.units or (), chunk.results or (), strict=False):
            for segment in result["segments"]:
                source = text[segment["start"] : segment["end"]].strip()
                if source:
                    yield source, segment["text"].strip(), segment["source"], tuple(segment["flags"]), where


def _doubts(progress: Progress) -> Mapping[str, int]:
    return {flag: count for flag, count in progress.flags.items() if flag not in FACTS}

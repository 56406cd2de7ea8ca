"""What people wrote in place of a document's segments: kept with it, and put into it when it is composed again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, insert, select

from app.documents.format import InlineTag, TagKind
from app.documents.inline import TranslatedSegment, place
from app.documents.nesting import faults
from app.jobs.job import ChunkReport, ChunkState
from app.jobs.results import composable, unit_of
from app.jobs.tables import corrections
from app.ledger.rows import microseconds, moment_of
from app.vault.place import Place
from app.vault.vault import Vault
from models.offsets import Offsets

Spot = tuple[int, int, int]
"""Chunk of the job, unit of the chunk, segment of the unit."""
Placed = tuple[str, Sequence[Sequence[int]]]
"""A text, and where its tags stand in it."""


@dataclass(frozen=True, slots=True)
class Correction:
    text: str
    reason: str
    corrected_at: datetime
    key_id: str | None


def put(vault: Vault, connection: Connection, whose: tuple[str, str], spot: Spot, made: Correction) -> None:
    """`whose`: tenant and job."""
    tenant, job = whose
    row = {
        "job": job,
        "chunk": spot[0],
        "unit": spot[1],
        "segment": spot[2],
        "text": vault.seal_text(connection, text_of(tenant, job, spot), made.text),
        "reason": made.reason,
        "corrected_at": microseconds(made.corrected_at),
        "key_id": made.key_id,
    }
    connection.execute(insert(corrections), [row])


def drop(connection: Connection, job: str, spot: Spot) -> None:
    connection.execute(delete(corrections).where(_at(job, spot)))


def forget(connection: Connection, named: Select[Any], before: datetime | None) -> None:
    """Those of the jobs that `named` selects; `before`: the older ones alone."""
    mine: list[ColumnElement[bool]] = [corrections.c.job.in_(named)]
    mine += [] if before is None else [corrections.c.corrected_at < microseconds(before)]
    connection.execute(delete(corrections).where(*mine))


def read(vault: Vault, connection: Connection, tenant: str, job: str) -> dict[Spot, Correction]:
    found: dict[Spot, Correction] = {}
    rows = connection.execute(select(corrections).where(corrections.c.job == job)).mappings().all()
    for row in rows:
        spot = (row["chunk"], row["unit"], row["segment"])
        text = vault.open_text(connection, text_of(tenant, job, spot), row["text"])
        moment = moment_of(row["corrected_at"])
        found[spot] = Correction(text, row["reason"] or "", moment, row["key_id"])
    return found


def text_of(tenant: str, job: str, spot: Spot) -> Place:
    return Place(tenant, "job_correction.text", ":".join(map(str, (job, *spot))))


def with_corrections(chunks: Sequence[ChunkReport], theirs: Mapping[Spot, Correction]) -> Iterator[Any]:
    """Of every unit what app.documents.process takes. Pure."""
    units: defaultdict[tuple[int, int], dict[int, str]] = defaultdict(dict)
    for (chunk, unit, segment), each in theirs.items():
        units[chunk, unit][segment] = each.text
    for report in chunks:
        for number, stored in enumerate(report.units):
            if report.state is ChunkState.DONE:
                mine = units.get((report.number, number), {})
                yield composable(corrected(stored, report.results[number], mine))
            else:
                yield None


def corrected(stored: Sequence[Any], result: Mapping[str, Any], texts: Mapping[int, str]) -> dict[str, Any]:
    """The result of a unit with `texts` in place of its segments, by their numbers. Pure.

    Tags keep their places beside the words that were left; those of a segment that cannot be followed go to its ends.
    """
    if not texts:
        return dict(result)
    segments = [_with(each, texts.get(number)) for number, each in enumerate(result["segments"])]
    followed = _followed(stored, result, texts)
    if followed is not None:
        return {**result, **followed}
    unit = unit_of(stored)
    placed = place(unit, [TranslatedSegment(each["start"], each["end"], each["text"]) for each in segments])
    tags = [[tag.start, tag.end] for tag in placed.translated.tags]
    return {**result, "text": placed.translated.text, "tags": tags}


def _followed(
    stored: Sequence[Any], result: Mapping[str, Any], texts: Mapping[int, str]
) -> dict[str, Any] | None:
    """The delivered text with the segments changed where they stand, and its tags moved along; None where a segment is
    not found in it, or a tag would stand wrongly.
    """
    before = result["text"]
    if before is None:
        return None
    after, position, source = "", 0, 0
    for number, segment in enumerate(result["segments"]):
        between = stored[0][source : segment["start"]]
        if not before.startswith(f"{between}{segment['text']}", position):
            return None
        after += between + _with(segment, texts.get(number))["text"]
        position, source = position + len(between) + len(segment["text"]), segment["end"]
    after += before[position:]
    offsets = Offsets(before, after)
    tags = [_moved(offsets, start, end, before, after) for start, end in result["tags"]]
    return {"text": after, "tags": tags} if _sound(stored, (before, result["tags"]), (after, tags)) else None


def _with(segment: Mapping[str, Any], text: str | None) -> dict[str, Any]:
    """White space at the ends of a segment is not the reviewer's."""
    if text is None:
        return dict(segment)
    old: str = segment["text"]
    lead, trail = old[: len(old) - len(old.lstrip())], old[len(old.rstrip()) :]
    return {**segment, "text": f"{lead}{text}{trail}" if old.strip() else text}


def _moved(offsets: Offsets, start: int, end: int, before: str, after: str) -> list[int]:
    if start < end:
        low, high = offsets.span(start, end)
        return [
            low if _cut(before, start) else _begun(after, low),
            high if _cut(before, end) else _ended(after, high),
        ]
    place = len(after) if start == len(before) else offsets.span(start, start + 1)[0]
    return [place, place]


def _cut(text: str, place: int) -> bool:
    """Whether a word goes on there."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def _begun(text: str, place: int) -> int:
    """Where the word begins: `cat` that became `tomcat` is one word still."""
    while _cut(text, place):
        place -= 1
    return place


def _ended(text: str, place: int) -> int:
    while _cut(text, place):
        place += 1
    return place


def _sound(stored: Sequence[Any], before: Placed, after: Placed) -> bool:
    """Whether the tags are valid still, and what was kept was kept."""
    moved: list[InlineTag] = []
    for tag, old, (start, end) in zip(unit_of(stored).tags, before[1], after[1], strict=True):
        if tag.kind is TagKind.KEPT and before[0][slice(*old)] != after[0][start:end]:
            return False
        moved.append(replace(tag, start=start, end=end))
    return not any(faults(after[0], moved))


def _at(job: str, spot: Spot) -> ColumnElement[bool]:
    return and_(
        corrections.c.job == job,
        corrections.c.chunk == spot[0],
        corrections.c.unit == spot[1],
        corrections.c.segment == spot[2],
    )

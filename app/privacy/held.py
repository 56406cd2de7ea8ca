"""Which rows are about a tenant, table by table, and which of them an erasure leaves. A test compares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from app.audit.tables import events
from app.errors import FileMissing
from app.glossary.tables import glossaries, versions
from app.jobs.tables import chunks, corrections, jobs, protections, turns
from app.ledger.tables import entries
from app.quality.tables import counts, sampled, samples
from app.replay.tables import replies
from app.review.tables import memories, verdicts
from app.review.tables import versions as memory_versions
from app.storage.blobs import Blobs
from app.tenants.tables import keys, reservations, retentions, sessions, tenants, windows


class Kind(StrEnum):
    DOCUMENTS = "documents"
    MEMORY = "memory"
    REVIEW = "review"
    REPLAY = "replay"
    GLOSSARIES = "glossaries"
    WORKING = "working"
    """Turns, limits in use, sessions of browsers, counts of doubts and of changes of the memory."""
    KEPT = "kept"
    """What an erasure leaves: accounts without text."""


@dataclass(frozen=True, slots=True)
class Held:
    kind: Kind
    table: Table
    mine: Callable[[str], ColumnElement[bool]]


def _tenant(table: Table) -> Callable[[str], ColumnElement[bool]]:
    return lambda tenant: table.c.tenant == tenant


def _of_job(tenant: str) -> ColumnElement[bool]:
    return protections.c.job.in_(select(jobs.c.id).where(jobs.c.tenant == tenant))


def _of_corrected(tenant: str) -> ColumnElement[bool]:
    return corrections.c.job.in_(select(jobs.c.id).where(jobs.c.tenant == tenant))


def _of_entry(tenant: str) -> ColumnElement[bool]:
    return replies.c.entry_id.in_(select(entries.c.id).where(entries.c.tenant == tenant))


def _of_glossary(tenant: str) -> ColumnElement[bool]:
    return versions.c.glossary.in_(select(glossaries.c.id).where(glossaries.c.tenant == tenant))


def _of_sample(tenant: str) -> ColumnElement[bool]:
    return sampled.c.sample.in_(select(samples.c.id).where(samples.c.tenant == tenant))


def _of_key(tenant: str) -> ColumnElement[bool]:
    return sessions.c.key_id.in_(select(keys.c.id).where(keys.c.tenant == tenant))


def _windows(tenant: str) -> ColumnElement[bool]:
    of_keys = select("key:" + keys.c.id).where(keys.c.tenant == tenant)
    return or_(windows.c.subject == f"tenant:{tenant}", windows.c.subject.in_(of_keys))


HELD = (
    # Chunks before their job, as everywhere, so that no two wait for each other.
    Held(Kind.DOCUMENTS, chunks, _tenant(chunks)),
    Held(Kind.DOCUMENTS, protections, _of_job),
    Held(Kind.DOCUMENTS, corrections, _of_corrected),
    Held(Kind.DOCUMENTS, jobs, _tenant(jobs)),
    Held(Kind.MEMORY, memories, _tenant(memories)),
    Held(Kind.REVIEW, verdicts, _tenant(verdicts)),
    Held(Kind.REVIEW, sampled, _of_sample),
    Held(Kind.REVIEW, samples, _tenant(samples)),
    Held(Kind.REPLAY, replies, _of_entry),
    Held(Kind.GLOSSARIES, versions, _of_glossary),
    Held(Kind.GLOSSARIES, glossaries, _tenant(glossaries)),
    Held(Kind.WORKING, memory_versions, _tenant(memory_versions)),
    Held(Kind.WORKING, turns, _tenant(turns)),
    Held(Kind.WORKING, reservations, _tenant(reservations)),
    Held(Kind.WORKING, windows, _windows),
    Held(Kind.WORKING, sessions, _of_key),
    Held(Kind.WORKING, counts, _tenant(counts)),
)
"""In the order in which they can be deleted."""

KEPT = (
    Held(Kind.KEPT, tenants, lambda tenant: tenants.c.name == tenant),
    Held(Kind.KEPT, retentions, _tenant(retentions)),
    Held(Kind.KEPT, keys, _tenant(keys)),
    Held(Kind.KEPT, entries, _tenant(entries)),
    Held(Kind.KEPT, events, _tenant(events)),
)
"""Without text: who was charged what, who did what. Rows that hang on these (lines, sums, prices) are kept, too."""


def counted(connection: Connection, tenant: str) -> Mapping[Kind, int]:
    """Rows that an erasure deletes."""
    found = dict.fromkeys((each.kind for each in HELD), 0)
    for each in HELD:
        found[each.kind] += _rows(connection, each, tenant)
    return found


def left(connection: Connection, tenant: str) -> Mapping[str, int]:
    """Rows that it leaves, by table."""
    return {str(each.table.name): _rows(connection, each, tenant) for each in KEPT}


def files(connection: Connection, tenant: str) -> list[tuple[str, str, str]]:
    """Job, `source` or `result`, and the file's name in the store."""
    query = select(jobs.c.id, jobs.c.source_blob, jobs.c.result_blob).where(jobs.c.tenant == tenant)
    return [
        (row.id, what, name)
        for row in connection.execute(query)
        for what, name in (("source", row.source_blob), ("result", row.result_blob))
        if name is not None
    ]


def is_there(blobs: Blobs, tenant: str, name: str) -> bool:
    try:
        with blobs.open(tenant, name):
            return True
    except FileMissing:
        return False


def _rows(connection: Connection, held: Held, tenant: str) -> int:
    query = select(func.count()).select_from(held.table).where(held.mine(tenant))
    return int(connection.execute(query).scalar_one())

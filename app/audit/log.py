"""What was administered, by whom: written in the transaction that does it, so that there is neither without the other.

One chain for the whole database: each event seals itself and, by its hash, the event before it. The sealed form is a
JSON object in UTF-8 without white space, keys in order: the columns but `hash`, those that are null left out.
"""

import getpass
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from app.audit.tables import events
from app.ledger.rows import microseconds
from app.storage.database import Database
from app.storage.locks import hold

GENESIS = "0" * 64
"""Hash before the first event."""


class Action(StrEnum):
    TENANT_CREATED = "tenant.created"
    TENANT_CHANGED = "tenant.changed"
    TENANT_ERASED = "tenant.erased"
    TENANT_EXPORTED = "tenant.exported"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    PRICE_SET = "price.set"
    GLOSSARY_CREATED = "glossary.created"
    GLOSSARY_CHANGED = "glossary.changed"
    GLOSSARY_DELETED = "glossary.deleted"
    VAULT_MASTER_ROTATED = "vault.master_rotated"
    VAULT_TENANT_ROTATED = "vault.tenant_rotated"
    RETENTION_CHANGED = "retention.changed"
    RETENTION_PURGED = "retention.purged"
    JOB_DOWNLOADED = "job.downloaded"
    JOB_REPORTED = "job.reported"
    JOB_STATED = "job.stated"
    JOB_DELETED = "job.deleted"
    SESSION_BEGUN = "session.begun"
    SESSION_REFUSED = "session.refused"
    BACKUP_CREATED = "backup.created"
    BACKUP_RESTORED = "backup.restored"
    MEMORY_ERASED = "memory.erased"
    VERDICTS_ERASED = "verdicts.erased"


@dataclass(frozen=True, slots=True)
class Event:
    sequence: int
    at: datetime
    actor: str
    action: str
    tenant: str | None
    subject: str | None
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    sequence: int
    problem: str


@dataclass(frozen=True, slots=True)
class Verdict:
    events: int
    hash: str
    """Of the last event. Noted elsewhere, it proves later that nothing up to it was taken away or made anew."""
    findings: tuple[Finding, ...]


def record(
    connection: Connection,
    action: Action,
    *,
    tenant: str | None = None,
    subject: str | None = None,
    key_id: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """The last that a transaction does: events wait for each other until it ends.

    `key_id`: of the caller; without one it was whoever has this process's account on the machine.
    """
    hold(connection, "audit")
    last = connection.execute(
        select(events.c.sequence, events.c.hash).order_by(events.c.sequence.desc()).limit(1)
    ).first()
    row: dict[str, Any] = {
        "sequence": 1 if last is None else last.sequence + 1,
        "at": microseconds(datetime.now(UTC)),
        "actor": f"machine:{_account()}" if key_id is None else f"key:{key_id}",
        "action": str(action),
        "tenant": tenant,
        "subject": subject,
        "details": orjson.dumps(details or {}, option=orjson.OPT_SORT_KEYS).decode(),
        "previous_hash": GENESIS if last is None else last.hash,
    }
    connection.execute(insert(events), [row | {"hash": _digest(row)}])


def listed(database: Database, *, tenant: str | None = None, limit: int | None = None) -> list[Event]:
    """The newest first."""
    query = select(events).order_by(events.c.sequence.desc()).limit(limit)
    if tenant is not None:
        query = query.where(events.c.tenant == tenant)
    with database.read() as connection:
        return [_event(row) for row in connection.execute(query).mappings()]


def verify(database: Database, *, noted: str | None = None) -> Verdict:
    """`noted`: a hash that an earlier verdict gave; it must still be in the chain."""
    findings: list[Finding] = []
    sequence, last, seen = 0, GENESIS, noted in (None, GENESIS)
    with database.read() as connection:
        found = connection.execute(
            select(events).order_by(events.c.sequence).execution_options(yield_per=1_000)
        )
        for row in found.mappings():
            findings += _checked(row, sequence, last)
            sequence, last = row["sequence"], row["hash"]
            seen = seen or last == noted
    if not seen:
        findings.append(
            Finding(sequence, "The noted hash is not there: the end was cut off, or all made anew.")
        )
    return Verdict(sequence, last, tuple(findings))


def _checked(row: Mapping[Any, Any], before: int, last: str) -> Iterator[Finding]:
    sequence = row["sequence"]
    if sequence != before + 1:
        yield Finding(sequence, f"Events {before + 1} to {sequence - 1} are missing.")
    elif row["previous_hash"] != last:
        yield Finding(sequence, "It does not follow the event before it: one of the two was changed.")
    if _digest(row) != row["hash"]:
        yield Finding(sequence, "It is not what was sealed: it was changed.")


def _digest(row: Mapping[Any, Any]) -> str:
    body = {str(name): value for name, value in row.items() if value is not None and name != "hash"}
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _event(row: Mapping[Any, Any]) -> Event:
    moment = datetime.fromtimestamp(row["at"] / 1e6, UTC)
    details = orjson.loads(row["details"])
    return Event(
        row["sequence"],
        moment,
        row["actor"],
        row["action"],
        row["tenant"],
        row["subject"],
        details,
        row["hash"],
    )


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user has no name
        return "unnamed"

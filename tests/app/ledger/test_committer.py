"""Group commit: one transaction for many, each answered with its own outcome."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text

from app.errors import KeyReused, StorageError, TooLarge
from app.ledger.committer import Committer
from app.ledger.entry import LedgerEntry
from app.ledger.store import Ledger, Posting, Recorded
from app.storage.engine import Database


def _entry(name: str, *, digest: str = "d") -> LedgerEntry:
    return LedgerEntry(
        id=name,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        tenant="local",
        kind="request",
        idempotency_key=name,
        digest=digest,
        lines=(),
        currency="GBP",
        price_nanos=0,
        cost_nanos=0,
        queue_ns=0,
    )


class Gate:
    """A store that waits to be let go, and remembers its transactions."""

    def __init__(self, inner: Ledger | None = None, *, error: Exception | None = None) -> None:
        self.inner, self.error = inner, error
        self.entered, self.open = threading.Event(), threading.Event()
        self.batches: list[list[str]] = []

    def append_many(self, postings: Sequence[Posting]) -> list[Recorded | KeyReused]:
        self.batches.append([posting.entry.id for posting in postings])
        self.entered.set()
        assert self.open.wait(10)
        if self.error is not None:
            raise self.error
        if self.inner is not None:
            return self.inner.append_many(postings)
        return [Recorded(posting.entry, duplicate=False) for posting in postings]


async def _crowd(committer: Committer, gate: Gate, names: Sequence[str]) -> list[asyncio.Task[Recorded]]:
    """The first entry is being written when the others arrive."""
    tasks = [asyncio.create_task(committer.append(_entry(names[0])))]
    await asyncio.to_thread(gate.entered.wait, 10)
    tasks += [asyncio.create_task(committer.append(_entry(name))) for name in names[1:]]
    await asyncio.sleep(0)
    return tasks


async def test_what_arrives_during_a_write_shares_the_next(database: Database) -> None:
    gate = Gate(Ledger(database))
    tasks = await _crowd(Committer(gate), gate, ["a", "b", "c", "d"])
    gate.open.set()

    assert [recorded.entry.id for recorded in await asyncio.gather(*tasks)] == ["a", "b", "c", "d"]
    assert gate.batches == [["a"], ["b", "c", "d"]]
    assert all(Ledger(database).find("local", name) == "d" for name in "abcd")


async def test_a_reused_key_fails_alone(database: Database) -> None:
    gate = Gate(Ledger(database))
    gate.open.set()
    committer = Committer(gate)
    await committer.append(_entry("a"))

    again, reused, fresh = await asyncio.gather(
        committer.append(_entry("a")),
        committer.append(_entry("a", digest="other")),
        committer.append(_entry("b")),
        return_exceptions=True,
    )

    assert isinstance(again, Recorded)
    assert again.duplicate
    assert isinstance(reused, KeyReused)
    assert isinstance(fresh, Recorded)


@pytest.mark.parametrize("error", [StorageError("The disk is full."), RuntimeError("a defect")])
async def test_a_failed_write_fails_everyone_in_it_and_not_the_next(error: Exception) -> None:
    gate = Gate(error=error)
    committer = Committer(gate)
    tasks = await _crowd(committer, gate, ["a", "b"])
    gate.open.set()
    for task in tasks:
        with pytest.raises(StorageError):
            await task

    gate.error = None
    assert (await committer.append(_entry("c"))).entry.id == "c"


async def test_who_leaves_before_the_write_begins_is_not_charged() -> None:
    gate = Gate()
    tasks = await _crowd(Committer(gate), gate, ["a", "b", "c"])
    tasks[1].cancel()
    await asyncio.sleep(0)
    gate.open.set()
    await asyncio.gather(tasks[0], tasks[2])

    assert gate.batches == [["a"], ["c"]]


async def test_a_rider_commits_with_its_charge_and_a_refusal_undoes_that_charge_alone(
    database: Database,
) -> None:
    gate = Gate(Ledger(database))
    committer = Committer(gate)
    rode: list[tuple[str, bool]] = []

    def ride(connection: Connection, recorded: Recorded) -> None:
        connection.execute(text("INSERT INTO ridden VALUES (:id)"), {"id": recorded.entry.id})
        rode.append((recorded.entry.id, recorded.duplicate))

    def refuse(connection: Connection, recorded: Recorded) -> None:
        ride(connection, recorded)
        raise TooLarge("Over budget.")

    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE ridden (id TEXT)"))
    first = asyncio.create_task(committer.append(_entry("first")))
    await asyncio.to_thread(gate.entered.wait, 10)
    tasks = [
        asyncio.create_task(committer.append(_entry(name), riders=[rider]))
        for name, rider in (("a", ride), ("b", refuse), ("first", ride))
    ]
    await asyncio.sleep(0)
    gate.open.set()
    await first
    a, b, again = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(a, Recorded)
    assert isinstance(b, TooLarge)
    assert isinstance(again, Recorded)
    assert again.duplicate
    assert Ledger(database).find("local", "b") is None
    with database.read() as connection:
        assert connection.scalars(text("SELECT id FROM ridden")).all() == ["a", "first"]
    assert rode[-1] == ("first", True)

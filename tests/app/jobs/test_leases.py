"""Who may write what, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import KeyReused, LeaseLost, NotThere
from app.jobs import bodies
from app.jobs.job import ChunkState, Fault, Job, Kind, Lease, Order, Precedence, State
from app.jobs.leases import ATTEMPTS, LEASE, Done, Leases
from app.jobs.store import JobStore, NewChunk, NewJob
from app.ledger.entry import LedgerEntry
from app.ledger.store import Ledger
from app.storage.engine import Database
from app.vault.vault import Vault

RETENTION = timedelta(hours=1)
RESULT = {"text": "Good morning.", "tags": [], "segments": []}


@dataclass(slots=True)
class Bench:
    """A database with jobs, and a clock that stands still until it is moved."""

    database: Database
    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))

    @property
    def store(self) -> JobStore:
        return JobStore(self.database, now=lambda: self.moment, retention=RETENTION, vault=Vault())

    def leases(self, a_tenant: int = 100) -> Leases:
        return Leases(
            self.database, now=lambda: self.moment, retention=RETENTION, a_tenant=a_tenant, vault=Vault()
        )

    def later(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def job(self, name: str = "one", *, chunks: int = 2, tenant: str = "local", **more: Any) -> Job:
        unit: list[Any] = ["Bom dia.", "line 1", None, []]
        made = [NewChunk([unit], 1, 8) for _ in range(chunks)]
        new = NewJob(f"job_{name}", Order(tenant, "en", "pt"), "txt", "0" * 32, name, made)
        self.later(0.001)
        return self.store.add(replace(new, **more))[0]

    def finish(self, lease: Lease, *, rider_of: Leases | None = None) -> None:
        """As the runner does: the result rides with the charge."""
        if lease.kind is Kind.COMPOSE:
            self.leases().composed(lease, "f" * 32, media_type="text/plain", suffix=".txt", notes=[])
            return
        rider = (rider_of or self.leases()).finishing(lease, Done([RESULT], 1, {"truncated": 1}))
        Ledger(self.database).append(entry(lease), riders=[rider])

    def take(self, **more: Any) -> Lease:
        found = self.leases(**more).take()
        assert found is not None
        return found

    def state(self, job: Job) -> State:
        return self.store.get(job.tenant, job.id)[0].state

    def charged(self, tenant: str = "local") -> list[str]:
        keys = (f"job_{name}:{number}" for name in ("one", "two") for number in range(3))
        return [key for key in keys if Ledger(self.database).find(tenant, key) is not None]


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def entry(lease: Lease) -> LedgerEntry:
    key = f"{lease.job.id}:{lease.number}"
    return LedgerEntry(
        id=f"{key}:{lease.token}", created_at=datetime.now(UTC), tenant=lease.job.tenant, kind="chunk",
        idempotency_key=key, digest=key, lines=(), currency="GBP", price_nanos=0, cost_nanos=0, queue_ns=0,
        job=lease.job.id, chunk=lease.number,
    )  # fmt: skip


def test_a_job_runs_through(bench: Bench) -> None:
    job = bench.job()
    assert bench.state(job) is State.QUEUED
    first, second = bench.take(), bench.take()
    assert (first.number, second.number, bench.state(job)) == (0, 1, State.RUNNING)
    assert bench.leases().take() is None
    assert bench.leases().texts(first) == [["Bom dia.", "line 1", None, []]]
    bench.finish(second)
    assert bench.leases().take() is None
    bench.finish(first)
    last = bench.take()
    assert last.kind is Kind.COMPOSE
    assert bench.leases().results(job) == [RESULT, RESULT]
    bench.finish(last)
    assert bench.leases().take() is None
    found, progress = bench.store.get("local", job.id)
    assert found.state is State.SUCCEEDED
    assert found.expires_at == bench.moment + RETENTION
    assert (progress.segments_done, progress.characters_done, progress.flags) == (2, 16, {"truncated": 2})
    assert bench.charged() == ["job_one:0", "job_one:1"]


def test_a_document_without_words_is_composed_at_once(bench: Bench) -> None:
    bench.job(chunks=0)
    assert bench.take().kind is Kind.COMPOSE


def test_a_lease_ends_by_itself_and_the_late_worker_writes_nothing(bench: Bench) -> None:
    bench.job(chunks=1)
    late = bench.take()
    bench.later(LEASE - 1)
    bench.leases().renew(late)
    bench.later(LEASE - 1)
    assert bench.leases().take() is None
    bench.later(2)
    living = bench.take()
    assert (living.number, living.token, living.attempts) == (0, late.token + 1, 2)
    for write in (
        lambda: bench.finish(late),
        lambda: bench.leases().renew(late),
        lambda: bench.leases().failed(late, Fault("a", "b")),
    ):
        with pytest.raises(LeaseLost):
            write()
    bench.leases().release(late)
    assert bench.charged() == []
    bench.finish(living)
    bench.leases().renew(living)
    assert bench.take().kind is Kind.COMPOSE
    with pytest.raises(LeaseLost):
        bench.finish(late)
    assert bench.charged() == ["job_one:0"]


def test_a_failing_chunk_waits_longer_each_time_and_is_given_up_alone(bench: Bench) -> None:
    job = bench.job(chunks=2)
    fault = Fault("chunk_failed", "It failed.")
    good = None
    for attempt in range(1, ATTEMPTS + 1):
        lease = bench.take()
        assert (lease.number, lease.attempts) == (0, attempt)
        if good is None:
            good = bench.take()
            bench.finish(good)
        assert bench.leases().failed(lease, fault) is (attempt == ATTEMPTS)
        if attempt < ATTEMPTS:
            bench.later(2**attempt - 0.5)
            assert bench.leases().take() is None
            bench.later(1)
    assert bench.leases().results(job) == [None, RESULT]
    bench.finish(bench.take())
    assert bench.state(job) is State.SUCCEEDED
    states = [(chunk.number, chunk.state, chunk.fault) for chunk in bench.store.report("local", job.id)]
    assert states == [(0, ChunkState.FAILED, fault), (1, ChunkState.DONE, None)]
    assert bench.charged() == ["job_one:1"]


def test_a_chunk_that_kills_its_workers_is_given_up(bench: Bench) -> None:
    job = bench.job(chunks=1)
    for _ in range(ATTEMPTS):
        assert bench.take().number == 0
        bench.later(LEASE + 1)
    assert bench.take().kind is Kind.COMPOSE
    (chunk,) = bench.store.report("local", job.id)
    assert chunk.state is ChunkState.FAILED
    assert chunk.fault is not None


def test_a_job_that_cannot_be_put_together_fails(bench: Bench) -> None:
    job = bench.job(chunks=0)
    bench.leases().failed(bench.take(), Fault("damaged_document", "No."), again=False)
    found, _ = bench.store.get("local", job.id)
    assert (found.state, found.fault) == (State.FAILED, Fault("damaged_document", "No."))


def test_what_was_tried_before_goes_first_and_alone(bench: Bench) -> None:
    bench.job("one", chunks=2)
    bench.leases().failed(bench.take(), Fault("chunk_failed", "It failed."))
    bench.take()
    bench.job("two", chunks=1)
    bench.later(3)
    assert bench.leases().take(idle=False) is None
    again = bench.take()
    assert (again.job.id, again.number, again.attempts) == ("job_one", 0, 2)
    fresh = bench.leases().take(idle=False)
    assert fresh is not None
    assert fresh.job.id == "job_two"


def test_given_back_is_as_if_never_taken(bench: Bench) -> None:
    bench.job(chunks=1)
    for _ in range(ATTEMPTS + 1):
        lease = bench.take()
        assert lease.attempts == 1
        bench.leases().release(lease)


def test_no_tenant_has_more_in_work_than_it_may(bench: Bench) -> None:
    bench.job("one", chunks=3, tenant="north")
    bench.job("two", chunks=3, tenant="south")
    taken = [bench.take(a_tenant=2) for _ in range(4)]
    assert [(lease.job.tenant, lease.number) for lease in taken] == [
        ("north", 0), ("south", 0), ("north", 1), ("south", 1),
    ]  # fmt: skip
    assert bench.leases(a_tenant=2).take() is None
    bench.finish(taken[1])
    assert bench.take(a_tenant=2).job.tenant == "south"


def test_tenants_take_turns_and_the_urgent_goes_first(bench: Bench) -> None:
    """More tenants than are worked for at once, and the first has a large document: each gets its turn."""
    bench.job("one", chunks=9, tenant="alder")
    for name in ("birch", "cedar"):
        bench.job(f"{name}-slow", chunks=2, tenant=name)
        bench.job(
            f"{name}-fast", chunks=1, tenant=name, order=Order(name, "en", "pt", priority=Precedence.HIGH)
        )
    seen = []
    for _ in range(9):
        lease = bench.take()
        seen.append((lease.job.id.removeprefix("job_"), lease.number))
        if lease.job.tenant != "alder":
            bench.leases().failed(lease, Fault("chunk_failed", "It failed."), again=False)
        bench.later(0.001)
    assert seen == [
        ("birch-fast", 0), ("cedar-fast", 0), ("one", 0), ("birch-fast", 1), ("cedar-fast", 1), ("one", 1),
        ("birch-slow", 0), ("cedar-slow", 0), ("one", 2),
    ]  # fmt: skip


def waits(bench: Bench, job: str) -> object:
    return bodies.job(*bench.store.get("local", job), currency="GBP")["waiting"]


def test_what_is_over_a_limit_waits_with_the_rest_of_its_job(bench: Bench) -> None:
    bench.job("one", chunks=3)
    bench.job("two", chunks=1)
    lease = bench.take()
    bench.leases().postpone(lease, 30)
    assert waits(bench, "job_one") == {
        "reason": "characters_per_minute",
        "until": (bench.moment + timedelta(seconds=30)).isoformat(),
    }
    other = bench.take()
    assert other.job.id == "job_two"
    assert bench.leases().take() is None
    bench.leases().failed(other, Fault("chunk_failed", "It failed."))
    # It waits for another reason.
    assert waits(bench, "job_two") is None
    bench.later(31)
    assert waits(bench, "job_one") is None
    bench.leases().failed(bench.take(), Fault("chunk_failed", "It failed."), again=False)
    assert bench.take().attempts == 1
    bench.leases().postpone(lease, 30)
    assert bench.take().number == 1


def test_cancelling_takes_the_leases(bench: Bench) -> None:
    job = bench.job()
    done, lease = bench.take(), bench.take()
    bench.finish(done)
    before = bench.store.delete("local", job.id)
    assert (before.state, before.source_blob) == (State.RUNNING, "0" * 32)
    with pytest.raises(LeaseLost):
        bench.finish(lease)
    assert bench.leases().take() is None
    assert bench.charged() == ["job_one:0"]
    found, progress = bench.store.get("local", job.id)
    assert (found.state, found.name, found.source_blob) == (State.CANCELLED, None, None)
    assert progress.characters_done == 8
    assert all(not chunk.units and not chunk.results for chunk in bench.store.report("local", job.id))


def test_jobs_expire_and_are_forgotten(bench: Bench) -> None:
    job = bench.job(chunks=0)
    bench.finish(bench.take())
    assert bench.store.overdue() == []
    assert bench.store.blobs() == {"0" * 32, "f" * 32}
    bench.later(RETENTION.total_seconds() + 1)
    assert [each.id for each in bench.store.overdue()] == [job.id]
    bench.store.delete("local", job.id)
    assert bench.store.blobs() == set()
    bench.store.forget()
    assert bench.state(job) is State.EXPIRED
    bench.later(RETENTION.total_seconds() + 1)
    bench.store.forget()
    with pytest.raises(NotThere):
        bench.state(job)


def test_one_of_many_claims_a_result_until_it_lets_go_or_is_heard_of_no_more(bench: Bench) -> None:
    job = bench.job(chunks=0)
    assert bench.store.claim(job.id, 60) is None, "it is not composed yet"
    bench.finish(bench.take())
    claims: list[int | None] = []
    _together(lambda: claims.append(bench.store.claim(job.id, 60)), 4)
    first = next(each for each in claims if each is not None)
    assert claims.count(None) == 3
    bench.store.release(job.id, first)
    second = bench.store.claim(job.id, 60)
    assert second is not None
    bench.later(30)
    third = bench.store.renew(job.id, second, 60)
    assert third is not None
    bench.later(40)
    assert bench.store.claim(job.id, 60) is None
    bench.later(21)
    assert bench.store.claim(job.id, 60) is not None
    assert bench.store.renew(job.id, third, 60) is None
    bench.store.release(job.id, third)
    assert bench.store.claim(job.id, 60) is None


def test_a_key_makes_one_job(bench: Bench) -> None:
    first = bench.job("one", idempotency_key="k", digest="d")
    assert bench.job("two", idempotency_key="k", digest="d") == first
    with pytest.raises(KeyReused):
        bench.job("two", idempotency_key="k", digest="e")
    assert bench.job("two", idempotency_key="k", digest="e", order=Order("north", "en")).tenant == "north"


def test_many_takers_take_each_chunk_once_and_keep_to_the_limit(bench: Bench) -> None:
    bench.job(chunks=20)
    taken: list[Lease] = []

    def work() -> None:
        while (lease := bench.leases(a_tenant=15).take()) is not None:
            taken.append(lease)

    _together(work, 4)
    assert sorted(lease.number for lease in taken) == list(range(15))


def test_many_uploads_with_one_key_make_one_job(bench: Bench) -> None:
    made: list[str] = []

    def work() -> None:
        new = NewJob(f"job_{threading.get_ident()}", Order("local", "en"), "txt", "0" * 32, "d", [])
        made.append(bench.store.add(replace(new, idempotency_key="k"))[0].id)

    _together(work, 4)
    assert len(made) == 4
    assert len(set(made)) == 1


def _together(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

"""Takes chunks, as many at once as the setting says, and does them; lives on one event loop."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from app.documents.format import Unit
from app.errors import (
    DragomanError,
    FileDamaged,
    FileMissing,
    InvalidRequest,
    LeaseLost,
    RateLimited,
    StorageError,
)
from app.glossary.matching import PLAIN, Protection
from app.jobs.allowance import Allowance
from app.jobs.files import fetched, kept
from app.jobs.job import Fault, Job, Kind, Lease
from app.jobs.leases import LEASE, Leases
from app.jobs.parsing import Parser, Written
from app.jobs.results import composable, done, unit_of
from app.jobs.texts import result_of, source_of
from app.ledger.entry import LedgerEntry
from app.quality.tally import Tally
from app.results import TranslationRequest, TranslationResult
from app.storage import scratch
from app.storage.threads import in_store_thread
from app.traces import UNTRACED, Traces
from app.translation import Riders
from app.vault.blobs import SealedBlobs
from batching.errors import Overloaded, Stopped
from batching.work import Priority
from models.fault import place

log = logging.getLogger("dragoman")

POLL = 2.0
"""Seconds after which a runner looks for work that came from elsewhere."""
HEARTBEAT = LEASE / 4
"""Seconds between two signs of life, after which a cancelled job stops at another replica at the latest."""
LONGEST_WAIT = 5.0
"""Seconds before a full queue is asked again, at most."""


class Translator(Protocol):
    async def translate(
        self, request: TranslationRequest, *, riders: Riders | None = None
    ) -> TranslationResult: ...


class Runner:
    def __init__(
        self,
        leases: Leases,
        translator: Translator,
        *,
        parser: Parser,
        blobs: SealedBlobs,
        at_once: int,
        charged: Callable[[LedgerEntry, Sequence[Tally]], object] = lambda *_: None,
        allowance: Allowance | None = None,
        made: Callable[[TranslationResult], Mapping[str, Any] | None] = lambda _: None,
        traces: Traces = UNTRACED,
        poll: float = POLL,
        heartbeat: float = HEARTBEAT,
    ) -> None:
        self._leases = leases
        self._translator = translator
        self._parser = parser
        self._blobs = blobs
        self._at_once = at_once
        self._charged = charged
        self._allowance = allowance
        self._made = made
        self._traces = traces
        self._poll = poll
        self._heartbeat = heartbeat
        self._work: dict[asyncio.Task[None], Lease] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be work now."""
        self._woken.set()

    def enforced(self, job: Job) -> dict[str, Any] | None:
        """As Leases. Blocking."""
        return self._leases.enforced(job)

    def drop(self, job: str) -> None:
        """Ends this runner's work on a job that was cancelled: it leaves the queue at once."""
        for task, lease in self._work.items():
            if lease.job.id == job:
                task.cancel()

    async def run(self, *, job: str | None = None) -> None:
        """Until cancelled; then what is in work goes back to the others. `job`: does nothing but that one."""
        try:
            while True:
                self._woken.clear()
                await self._fill(job)
                await self._something()
        finally:
            for task in self._work:
                task.cancel()
            await asyncio.gather(*self._work, return_exceptions=True)

    async def _fill(self, job: str | None) -> None:
        while len(self._work) < self._at_once and not any(map(_again, self._work.values())):
            idle = not self._work
            try:
                lease = await _whole(asyncio.to_thread(self._leases.take, job=job, idle=idle), self._leases)
            except StorageError as error:
                log.error("%s", error)
                return
            if lease is None:
                return
            task = asyncio.create_task(self._do(lease))
            self._work[task] = lease
            task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        del self._work[task]
        self._woken.set()

    async def _something(self) -> None:
        try:
            async with asyncio.timeout(self._poll):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _do(self, lease: Lease) -> None:
        living = asyncio.create_task(self._live(lease, asyncio.current_task()))
        try:
            await self._chunk(lease)
        except asyncio.CancelledError:
            await self._quietly(self._leases.release, lease)
            raise
        except LeaseLost:
            log.info("job %s: chunk %d went to another worker", lease.job.id, lease.number)
        except RateLimited as full:
            await self._quietly(self._leases.postpone, lease, full.retry_after)
        except (FileDamaged, FileMissing) as error:
            await self._failed(lease, error)
        except StorageError as error:
            # Nothing can be written down now: the lease ends by itself.
            log.error("%s", error)
        except Stopped:
            await self._quietly(self._leases.release, lease)
        except Exception as error:  # noqa: BLE001  recorded as the chunk's failure
            await self._failed(lease, error)
        finally:
            living.cancel()

    async def _chunk(self, lease: Lease) -> None:
        name = f"job {lease.kind.value}"
        with self._traces.span(name, job=lease.job.id, chunk=lease.number, attempt=lease.attempts):
            await (self._translate(lease) if lease.kind is Kind.TRANSLATE else self._compose(lease))

    async def _translate(self, lease: Lease) -> None:
        stored = await asyncio.to_thread(self._leases.texts, lease)
        units = [unit_of(each) for each in stored]
        protection = await asyncio.to_thread(self._leases.protection, lease.job)
        request = _request(lease, units, protection)
        if self._allowance is not None:
            characters = sum(len(unit.text) for unit in units)
            await self._allowance.take(lease.job.tenant, lease.job.key_id, characters)
        result = await _patiently(
            lambda: self._translator.translate(
                request,
                riders=lambda found: (
                    self._leases.finishing(lease, done(found, self._told(found, protection))),
                ),
            )
        )
        if not result.duplicate:
            self._charged(result.entry, result.tallies)

    def _told(self, found: TranslationResult, protection: Protection) -> dict[str, Any] | None:
        """What it was made with; `enforced`: terms beyond the identifiers that every request protects."""
        made = self._made(found)
        return None if made is None else {**made, "enforced": protection is not PLAIN}

    async def _compose(self, lease: Lease) -> None:
        job = lease.job
        results = await asyncio.to_thread(self._leases.results, job)
        if results and all(each is None for each in results):
            fault = Fault("chunk_failed", "Every chunk of the document failed. The report names them.")
            await asyncio.to_thread(self._leases.failed, lease, fault, again=False)
            return
        with scratch.folder() as folder:
            written = await self._parser.compose(
                await fetched(
                    self._blobs, source_of(job.tenant, job.id), job.source_blob or "", to=folder / "source"
                ),
                folder / "result",
                format=job.format,
                options=job.options,
                target=job.target,
                translations=[composable(each) for each in results],
            )
            result = await kept(self._blobs, result_of(job.tenant, job.id), folder / "result")
        try:
            await self._composed(lease, result, written)
        except BaseException:
            await in_store_thread(self._blobs.remove, job.tenant, result)
            raise

    async def _composed(self, lease: Lease, name: str, written: Written) -> None:
        notes = [*map(dict, lease.job.notes), *written.notes]
        await _to_its_end(
            lambda: self._leases.composed(
                lease, name, media_type=written.media_type, suffix=written.suffix, notes=notes
            )
        )

    async def _failed(self, lease: Lease, error: Exception) -> None:
        known = isinstance(error, DragomanError)
        log.error("job %s, chunk %d: %s", lease.job.id, lease.number, error if known else place(error))
        code = error.code if isinstance(error, DragomanError) else "chunk_failed"
        message = error.told if isinstance(error, DragomanError) else "The service failed at this chunk."
        again = not isinstance(error, InvalidRequest)
        await self._quietly(lambda: self._leases.failed(lease, Fault(code, message), again=again))

    async def _live(self, lease: Lease, work: "asyncio.Task[None] | None") -> None:
        while True:
            await asyncio.sleep(self._heartbeat)
            try:
                await asyncio.to_thread(self._leases.renew, lease)
            except LeaseLost:
                if work is not None:
                    work.cancel()
                return
            except StorageError as error:
                log.error("%s", error)

    async def _quietly(self, write: Callable[..., object], *args: object) -> None:
        try:
            await asyncio.shield(asyncio.to_thread(write, *args))
        except LeaseLost:
            pass
        except StorageError as error:
            log.error("%s", error)


def _again(lease: Lease) -> bool:
    return lease.attempts > 1


def _request(lease: Lease, units: Sequence[Unit], protection: Protection) -> TranslationRequest:
    job = lease.job
    texts = [unit.text for unit in units]
    key = f"{job.id}:{lease.number}"
    return TranslationRequest(
        texts,
        job.target,
        job.source,
        tenant=job.tenant,
        priority=Priority.BULK,
        kind="chunk",
        idempotency_key=key,
        digest=_digest(key, texts),
        key_id=job.key_id,
        cost_centre=job.cost_centre,
        job=job.id,
        chunk=lease.number,
        scored=job.confidence,
        tagged={number: unit for number, unit in enumerate(units) if unit.tags},
        protection=protection,
        memory=job.memory,
    )


def _digest(key: str, texts: list[str]) -> str:
    digest = hashlib.sha256(key.encode())
    for text in texts:
        digest.update(b"\0%d\0" % len(text) + text.encode())
    return digest.hexdigest()


async def _patiently(work: Callable[[], Awaitable[TranslationResult]]) -> TranslationResult:
    """Again for as long as the queue is full: nobody waits for a job, and its lease is kept."""
    while True:
        try:
            return await work()
        except Overloaded as refused:
            await asyncio.sleep(min(refused.retry_after, LONGEST_WAIT))


async def _to_its_end(write: Callable[[], object]) -> None:
    """Whoever is cancelled meanwhile learns whether it was written: what it is about must not be thrown away then."""
    task = asyncio.ensure_future(asyncio.to_thread(write))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task


async def _whole(taking: Awaitable[Lease | None], leases: Leases) -> Lease | None:
    """A lease taken while the runner is told to stop is given back."""
    task = asyncio.ensure_future(taking)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        lease = await task
        if lease is not None:
            await asyncio.to_thread(leases.release, lease)
        raise

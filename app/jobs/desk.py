"""Jobs as callers know them: a document handed in, asked after, fetched, thrown away."""

import asyncio
import hashlib
import itertools
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from app.audit.log import Action
from app.chores import Heard, repeated, unheard
from app.errors import FileMissing, Gone, NoResult, NoRoute, NotThere, StorageError, TooLarge
from app.jobs import enforced
from app.jobs.allowance import Allowance
from app.jobs.corrections import Correction, Spot, with_corrections
from app.jobs.files import Download, download, fetched, handed, kept
from app.jobs.job import DELETED, ID_PREFIX, ChunkReport, Job, Order, Progress, State
from app.jobs.parsing import Extracted, Parser
from app.jobs.planner import plan
from app.jobs.rows import json
from app.jobs.runner import Runner
from app.jobs.store import JobStore, NewChunk, NewJob
from app.jobs.texts import result_of, source_of
from app.jobs.ticket import Ticket, admits, job_id
from app.storage import scratch
from app.storage.blobs import sha256
from app.storage.threads import in_store_thread
from app.validation import language_code
from app.vault.blobs import SealedBlobs, Wanted
from app.vault.place import Place
from models.contracts import NoRouteError
from models.router import Router

log = logging.getLogger("dragoman")

TENDING = 60.0
"""Seconds between two looks for what is over."""
SWEEPING = 15
"""Of so many looks one is for files that no job names: a store may have to list all it has."""
LONGEST_NAME = 200
MOST_LISTED = 100
_READ = 1 << 20
CLAIMED = 60.0
"""Seconds for which a result that is given once is one caller's, if nothing more is heard of it."""
FORESEEN = 50_000
"""Characters of a document up to which it is said what it will come to: its languages are detected for that, about
a second's work, while the caller waits for the job."""

Forecasting = Callable[[Order, Sequence[Sequence[str]]], Mapping[str, object]]
"""Of an order and the texts of its chunks, as app.bodies.estimate shows it. Blocking."""


class Desk:
    def __init__(
        self,
        store: JobStore,
        *,
        blobs: SealedBlobs,
        parser: Parser,
        runner: Runner,
        router: Router,
        window: float,
        forecasting: Forecasting,
        admit: Callable[[Connection, NewJob], None],
        allowance: Allowance | None = None,
    ) -> None:
        """`window`: seconds in which equal uploads without a key are one, sent again. `admit`: raises for a new job
        that is refused.
        """
        self._store = store
        self._blobs = blobs
        self._parser = parser
        self._router = router
        self._window = window
        self._admit = admit
        self._allowance = allowance
        self._forecasting = forecasting
        self.runner = runner

    async def submit(
        self, file: BinaryIO, order: Order, *, key: str | None = None, apart: str = ""
    ) -> tuple[Job, Progress, bool]:
        """The job, and whether an equal upload made it before. `apart`: what else tells two uploads without a key.

        Raises UnknownLanguage, NoRoute, the errors of documents, TooLarge, KeyReused, TooManyJobs,
        BudgetExceeded and StorageError; nothing is kept then.
        """
        order = self._checked(order)
        digest = await asyncio.to_thread(_digest, file, order, apart, key)
        with scratch.folder() as folder:
            document = folder / "document"
            await asyncio.to_thread(scratch.copy, file, document)
            new = await self._new(document, order, digest, key)
        job, repeated = await self._added(new)
        return *await self.get(order.tenant, job.id), repeated

    async def _added(self, new: NewJob) -> tuple[Job, bool]:
        """Its document is removed again where it came to nothing."""
        adding = asyncio.ensure_future(
            asyncio.to_thread(self._store.add, new, window=self._window, admit=self._admit)
        )
        repeated = True
        try:
            job, repeated = await asyncio.shield(adding)
        except asyncio.CancelledError:
            _, repeated = await adding  # it may be written all the same
            raise
        finally:
            if repeated:
                await in_store_thread(self._blobs.remove, new.order.tenant, new.blob)
            else:
                self.runner.wake()
        return job, repeated

    async def get(self, tenant: str, job: str) -> tuple[Job, Progress]:
        """Raises NotThere, for another tenant's job too."""
        return await asyncio.to_thread(self._store.get, tenant, job)

    async def shown(self, ticket: Ticket, *, tenant: str | None) -> tuple[Job, Progress]:
        """The job that the ticket is for; `tenant`: whose it must be, None where the ticket alone will do.

        Raises NotThere; Gone where `tenant` shows a ticket for a job of its own whose files were deleted.
        """
        found, progress = await asyncio.to_thread(self._store.get, tenant, job_id(ticket.id))
        if admits(found, ticket.secret):
            return found, progress
        if tenant is not None and found.state in DELETED:
            raise Gone(_DELETED)
        raise NotThere("There is no such document, or its key is another.")

    async def newest(self, tenant: str) -> list[tuple[Job, Progress]]:
        return await asyncio.to_thread(self._store.newest, tenant, limit=MOST_LISTED)

    async def noted(self, action: Action, job: Job, *, key_id: str | None) -> None:
        """In the audit log: somebody read what is known of the job."""
        await asyncio.to_thread(self._store.noted, action, job, key_id=key_id)

    async def report(self, tenant: str, job: str) -> tuple[Job, Progress, Sequence[ChunkReport]]:
        """Raises NotThere, and Gone for a job that is deleted."""
        found, progress = await self.get(tenant, job)
        if found.state in DELETED:
            raise Gone(_DELETED)
        return found, progress, await asyncio.to_thread(self._store.report, tenant, job)

    async def evidence(
        self, tenant: str, job: str
    ) -> tuple[Job, Sequence[ChunkReport], dict[str, str | None], Mapping[Spot, Correction]]:
        """What a statement is made of: the job, its chunks, the SHA-256 of its files, and people's corrections.

        Raises NotThere, NoResult while it is not over, and Gone.
        """
        found, _, chunks = await self.report(tenant, job)
        if not found.over:
            raise NoResult("The job is not over yet, so nothing can be stated of it.")
        files = {
            "source_sha256": (source_of(tenant, job), found.source_blob),
            "result_sha256": (result_of(tenant, job), found.result_blob),
        }
        theirs = await self.corrections(tenant, job)
        return found, chunks, await in_store_thread(self._digests, files), theirs

    def _digests(self, files: Mapping[str, tuple[Place, str | None]]) -> dict[str, str | None]:
        """Raises Gone for a file that was deleted meanwhile."""
        try:
            return {each: self._digest(*file) for each, file in files.items()}
        except FileMissing:
            raise Gone(_DELETED) from None

    def _digest(self, place: Place, name: str | None) -> str | None:
        if name is None:
            return None
        with self._blobs.open(place, name) as blob:
            return sha256(blob)

    async def over(self, tenant: str, job: str, *, look: float) -> tuple[Job, Progress]:
        """The job, once it is over; looks at it every `look` seconds, because another replica may do its last chunk.

        Raises NotThere.
        """
        while True:
            found, progress = await self.get(tenant, job)
            if found.over:
                return found, progress
            await asyncio.sleep(look)

    async def result(
        self,
        tenant: str,
        job: str,
        *,
        key_id: str | None = None,
        wanted: Callable[[Job], Wanted | None] = lambda _: None,
    ) -> tuple[Job, Download]:
        """Noted in the audit log. `wanted`: which part of it, None is all. Raises NotThere, NoResult while there is
        none, Gone, StorageError, and what a part raises that there is not.
        """
        found, name = await self._finished(tenant, job)
        file = await download(self._blobs, result_of(tenant, job), name, wanted(found))
        try:
            await asyncio.to_thread(self._store.noted, Action.JOB_DOWNLOADED, found, key_id=key_id)
        except BaseException:
            await file.parts.aclose()
            raise
        return found, file

    async def corrected(
        self, tenant: str, job: str, *, key_id: str | None = None
    ) -> tuple[Job, Download, int]:
        """The result with people's corrections, and how many they are: composed again from the source, charged to
        nobody and kept nowhere. Without a correction it is the result itself.

        Raises what `result` raises, and the errors of documents.
        """
        theirs = await self.corrections(tenant, job)
        if not theirs:
            return *await self.result(tenant, job, key_id=key_id), 0
        found, _ = await self._finished(tenant, job)
        await asyncio.to_thread(self._store.noted, Action.JOB_DOWNLOADED, found, key_id=key_id)
        chunks = await asyncio.to_thread(self._store.report, tenant, job)
        return found, await self._composed(found, chunks, theirs), len(theirs)

    async def corrections(self, tenant: str, job: str) -> Mapping[Spot, Correction]:
        """Raises NotThere."""
        return await asyncio.to_thread(self._store.corrections, tenant, job)

    async def _finished(self, tenant: str, job: str) -> tuple[Job, str]:
        """With the name of its result in the store."""
        found, _ = await self.get(tenant, job)
        if found.state in DELETED:
            raise Gone(_DELETED)
        if found.state is State.FAILED:
            raise NoResult("The job failed, so there is no file; the report says why.")
        if found.result_blob is None and found.state is State.SUCCEEDED:
            raise Gone(_RESULT_DELETED)
        if found.result_blob is None:
            raise NoResult(f"The job is {found.state}: its file is not there yet.")
        return found, found.result_blob

    async def _composed(
        self, job: Job, chunks: Sequence[ChunkReport], theirs: Mapping[Spot, Correction]
    ) -> Download:
        translations = await asyncio.to_thread(lambda: [*with_corrections(chunks, theirs)])
        with scratch.folder() as folder:
            made = folder / "result"
            await self._parser.compose(
                await fetched(
                    self._blobs, source_of(job.tenant, job.id), job.source_blob or "", to=folder / "source"
                ),
                made,
                format=job.format,
                options=job.options,
                target=job.target,
                translations=translations,
            )
            return await handed(made)

    async def once(self, tenant: str, job: str, *, key_id: str | None = None) -> tuple[Job, Download]:
        """The result, for one caller alone: the job is deleted before its last byte is told to be the last, so that
        who has it knows that it is gone. Who hangs up before leaves it to the next, at once; a process that is killed,
        within CLAIMED seconds. Raises what `result` raises, and Gone while somebody else fetches it.
        """
        found, file = await self.result(tenant, job, key_id=key_id)
        try:
            until = await self._claimed(job)
        except BaseException:
            await file.parts.aclose()
            raise
        return found, Download(file.size, self._handed_over(found, file, until, key_id))

    async def _claimed(self, job: str) -> int:
        until = await asyncio.to_thread(self._store.claim, job, CLAIMED)
        if until is None:
            raise Gone("The document is being downloaded already.")
        return until

    async def _handed_over(
        self, job: Job, file: Download, claim: int, key_id: str | None
    ) -> AsyncGenerator[bytes, None]:
        now = asyncio.get_running_loop().time
        renewed, gone = now(), False
        try:
            async with aclosing(file.parts) as parts:
                async for part in parts:
                    yield part
                    if now() - renewed > CLAIMED / 3:
                        claim, renewed = await self._renewed(job.id, claim), now()
            await asyncio.shield(self.delete(job.tenant, job.id, key_id=key_id))
            gone = True
        finally:
            if not gone:
                await asyncio.shield(asyncio.to_thread(self._store.release, job.id, claim))

    async def _renewed(self, job: str, claim: int) -> int:
        later = await asyncio.to_thread(self._store.renew, job, claim, CLAIMED)
        if later is None:
            raise StorageError("The download paused for so long that another one has the document.")
        return later

    async def delete(self, tenant: str, job: str, *, key_id: str | None = None) -> tuple[Job, Progress]:
        """Cancels a job that is not over; deletes its files and texts at once. Noted in the audit log.

        Raises NotThere.
        """
        before = await asyncio.to_thread(self._store.withdraw, tenant, job, key_id=key_id)
        self.runner.drop(job)
        await in_store_thread(self._blobs.remove, tenant, before.source_blob, before.result_blob)
        return await self.get(tenant, job)

    async def tend(self, heard: Heard = unheard) -> None:
        """Deletes what is over, for as long as the service runs."""
        turns = itertools.count()
        await repeated(
            lambda: self.expire(sweep=next(turns) % SWEEPING == 0),
            every=TENDING,
            thread=in_store_thread,
            heard=partial(heard, "documents"),
        )

    def expire(self, *, sweep: bool = True) -> int:
        """How many jobs' files and texts were deleted. Blocking. `sweep`: also files that no job names."""
        overdue = self._store.overdue()
        for job in overdue:
            before = self._store.delete(job.tenant, job.id)
            self._blobs.remove(job.tenant, before.source_blob, before.result_blob)
        for job in self._store.results_over():
            self._store.drop_result(job)
            self._blobs.remove(job.tenant, job.result_blob)
        self._store.forget()
        if sweep:
            self._blobs.sweep(self._store.blobs())
        return len(overdue)

    def _checked(self, order: Order) -> Order:
        source = None if order.source is None else language_code(order.source)
        target = language_code(order.target)
        if source is not None and source != target:
            try:
                self._router.route(source, target, tenant=order.tenant)
            except NoRouteError as error:
                raise NoRoute(str(error)) from error
        return replace(order, source=source, target=target, name=file_name(order.name))

    async def _new(self, document: Path, order: Order, digest: str, key: str | None) -> NewJob:
        found: Extracted = await self._parser.extract(
            document, name=order.name, media_type=order.media_type, options=order.options
        )
        chunks = await self._planned(order, found)
        forecast = await asyncio.to_thread(self._forecast, order, chunks)
        job = new_id()
        blob = await kept(self._blobs, source_of(order.tenant, job), document)
        return NewJob(job, order, found.format, blob, digest, chunks, found.notes, key, forecast)

    async def _planned(self, order: Order, found: Extracted) -> list[NewChunk]:
        """No chunk has more characters than a minute that it may be translated in."""
        most = None if self._allowance is None else await self._allowance.most(order.tenant, order.key_id)
        chunks = await asyncio.to_thread(plan, found.units, source=order.source, most=most)
        if most is not None and any(chunk.characters > most for chunk in chunks):
            raise TooLarge(
                f"One paragraph or cell of the document has more than the {most:,} characters that you may send in a "
                "minute. Ask the operator."
            )
        return chunks

    def _forecast(self, order: Order, chunks: Sequence[NewChunk]) -> Mapping[str, object] | None:
        if sum(chunk.characters for chunk in chunks) > FORESEEN:
            return None
        return self._forecasting(order, [[unit[0] for unit in chunk.units] for chunk in chunks])


_RESULT_DELETED = "The job's result was deleted after its time. Send the document again."
_DELETED = "The job's files were deleted, on request or after their time. Send the document again."


def new_id() -> str:
    return f"{ID_PREFIX}{secrets.token_hex(16)}"


def file_name(given: str) -> str:
    """Without folders and without what is no part of a name on any system."""
    name = given.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in name if each.isprintable())[-LONGEST_NAME:].strip(". ") or "document"


def _digest(file: BinaryIO, order: Order, apart: str, key: str | None) -> str:
    """Of the file, which is rewound, and all that is asked."""
    said: Mapping[str, object] = {
        "target": order.target,
        "source": order.source,
        "options": order.options,
        "name": order.name,
        "cost_centre": order.cost_centre,
        "priority": order.priority.word,
        "apart": apart if key is None else key,
        "protection": enforced.said(order.protection, versioned=key is None),
        # Left out where it is not asked for: uploads of the release before are known again.
        **({"confidence": True} if order.confidence else {}),
    }
    digest = hashlib.sha256(json(said).encode())
    file.seek(0)
    while block := file.read(_READ):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()

"""The client for asyncio."""

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from app.client import answers, calls
from app.client.blocking import DEFAULT
from app.client.calls import Asked, Call
from app.client.conversations import Conversation, Step, asked_for, finished, sent, whole
from app.client.files import File, TranslatedFile, received
from app.client.glossaries import AsyncGlossaries
from app.client.retries import Outcome, succeeded
from app.client.windows import IN_FLIGHT, Answered, Window, windows

T = TypeVar("T")


class AsyncDragoman:
    """As Dragoman, awaited; one client may serve many tasks.

    Raises Refused, whose `problem` is one of docs/errors.md, and Unreachable; both are kinds of DragomanError.
    """

    def __init__(
        self,
        server: str = DEFAULT,
        *,
        key: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`key`: of `dragoman keys create`, where the server asks for one. Raises ConfigurationError."""
        self._http = httpx.AsyncClient(
            base_url=calls.server_url(server),
            timeout=calls.TIMEOUT,
            headers=calls.headers(key),
            transport=transport,
        )
        self._sleep = sleep
        self.glossaries = AsyncGlossaries(self._ask, self._send)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def translate(
        self,
        texts: str | Sequence[str],
        *,
        target: str,
        source: str | None = None,
        candidates: Sequence[str] | None = None,
        detail: bool = False,
        cost_centre: str | None = None,
        bulk: bool = False,
        idempotency_key: str | None = None,
        glossary: str | Mapping[str, str] | None = None,
        protect: Mapping[str, object] | None = None,
        format: calls.Format = "text",  # noqa: A002
        ignore_tags: Sequence[str] = (),
        confidence: bool = False,
        memory: calls.Memory | None = None,
    ) -> answers.Translations:
        """One request. Without `source` every segment's language is detected."""
        asked = Asked(
            target,
            source,
            candidates,
            detail,
            cost_centre,
            bulk,
            glossary,
            protect,
            format,
            ignore_tags,
            confidence,
            memory,
        )
        return await self._ask(calls.translate(texts, asked, key=idempotency_key))

    def stream(
        self,
        texts: Iterable[str],
        *,
        target: str,
        source: str | None = None,
        candidates: Sequence[str] | None = None,
        detail: bool = False,
        cost_centre: str | None = None,
        bulk: bool = True,
        idempotency_key: str | None = None,
        glossary: str | Mapping[str, str] | None = None,
        protect: Mapping[str, object] | None = None,
        format: calls.Format = "text",  # noqa: A002
        ignore_tags: Sequence[str] = (),
        confidence: bool = False,
        memory: calls.Memory | None = None,
    ) -> AsyncGenerator[answers.Translation, None]:
        """As Dragoman.stream."""
        asked = Asked(
            target,
            source,
            candidates,
            detail,
            cost_centre,
            bulk,
            glossary,
            protect,
            format,
            ignore_tags,
            confidence,
            memory,
        )
        return self._streamed(texts, asked, idempotency_key or str(uuid.uuid4()))

    async def _streamed(
        self, texts: Iterable[str], asked: Asked, key: str
    ) -> AsyncGenerator[answers.Translation, None]:
        waiting: deque[asyncio.Task[Answered]] = deque()
        try:
            for window in windows(texts, key=key):
                reached = len(waiting) == IN_FLIGHT
                if reached:
                    for each in (await waiting.popleft()).translations:
                        yield each
                waiting.append(asyncio.create_task(self.window(window, asked, patient=reached)))
            while waiting:
                for each in (await waiting.popleft()).translations:
                    yield each
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def detect(
        self, texts: str | Sequence[str], *, candidates: Sequence[str] | None = None
    ) -> answers.Detections:
        return await self._ask(calls.detect(texts, candidates))

    async def check(self, pairs: answers.ToCheck | Sequence[answers.ToCheck]) -> answers.Checks:
        """Translations from anywhere beside their sources."""
        return await self._ask(calls.check(pairs))

    async def estimate(
        self,
        texts: str | Sequence[str],
        *,
        target: str,
        source: str | None = None,
        candidates: Sequence[str] | None = None,
    ) -> answers.Estimate:
        """What a translation would come to; it costs nothing."""
        return await self._ask(calls.estimate(texts, Asked(target, source, candidates)))

    async def languages(self) -> answers.Languages:
        return await self._ask(calls.languages())

    async def models(self) -> answers.Models:
        return await self._ask(calls.models())

    async def usage(
        self,
        *,
        since: date | None = None,
        until: date | None = None,
        group_by: str | None = None,
        tenant: str | None = None,
    ) -> answers.Usage:
        """`since` and `until` are UTC days, included."""
        return await self._ask(calls.usage(since, until, group_by, tenant))

    async def usage_as(
        self,
        form: str,
        *,
        since: date | None = None,
        until: date | None = None,
        group_by: str | None = None,
        tenant: str | None = None,
    ) -> str:
        """`csv` or `html`."""
        return (await self._send(calls.usage(since, until, group_by, tenant, form=form))).text

    async def quality(self, asked: Mapping[str, object] | None = None) -> answers.Quality:
        """`asked`: the parameters of GET /v1/quality, by name."""
        return await self._ask(calls.quality(asked or {}))

    async def quality_page(self, asked: Mapping[str, object] | None = None) -> str:
        """The same as a page of HTML."""
        return (await self._send(calls.quality({**(asked or {}), "format": "html"}))).text

    async def send_document(
        self,
        file: File | Path | str,
        *,
        target: str,
        source: str | None = None,
        cost_centre: str | None = None,
        idempotency_key: str | None = None,
        options: Mapping[str, object] | None = None,
    ) -> answers.Job:
        """A job in the background. `options` of formats are in docs/api.md."""
        asked = Asked(target, source, cost_centre=cost_centre)
        return await self._ask(calls.document(file, asked, options, key=idempotency_key))

    async def jobs(self) -> answers.Jobs:
        return await self._ask(calls.jobs())

    async def job(self, job: str) -> answers.Job:
        return await self._ask(calls.job(job))

    async def finished(self, job: str) -> answers.Job:
        """Once it is over."""
        return await self._hold(finished(job, self._http.base_url))

    async def job_report(self, job: str) -> answers.JobReport:
        return await self._ask(calls.report(job))

    async def job_statement(self, job: str) -> answers.Statement:
        """Signed: what the translation was made with. `dragoman statement verify` checks it."""
        return await self._ask(calls.statement(job))

    async def statement_key(self) -> answers.StatementKey:
        return await self._ask(calls.statement_key())

    async def job_result(self, job: str, *, corrected: bool = False) -> File:
        """`corrected`: with people's corrections in their places."""
        return received(await self._send(calls.result(job, corrected=corrected)))

    async def delete_job(self, job: str) -> answers.Job:
        """Cancels it if it is not over; deletes its files and texts."""
        return await self._ask(calls.delete(job))

    async def translate_document(
        self,
        file: File | Path | str,
        *,
        target: str,
        source: str | None = None,
        cost_centre: str | None = None,
        options: Mapping[str, object] | None = None,
    ) -> TranslatedFile:
        """Sends, waits, fetches, and deletes the job. Raises NoResult for one that failed, too."""
        begun = await self.send_document(
            file, target=target, source=source, cost_centre=cost_centre, options=options
        )
        try:
            job = await self.finished(begun["id"])
            succeeded(job)
            report = await self.job_report(job["id"])
            result = await self.job_result(job["id"])
        finally:
            await self.delete_job(begun["id"])
        return TranslatedFile(result.name, result.data, report)

    async def window(self, window: Window, asked: Asked, *, patient: bool) -> Answered:
        """Halved where the server refuses it for its size."""
        return await self._hold(whole(window, asked, self._http.base_url, patient=patient))

    async def _ask(self, call: Call[T]) -> T:
        return await self._hold(asked_for(call, self._http.base_url))

    async def _send(self, call: Call[Any]) -> httpx.Response:
        return await self._hold(sent(call, self._http.base_url))

    async def _hold(self, conversation: Conversation[T]) -> T:
        outcome = None
        while True:
            try:
                step = conversation.send(outcome)
            except StopIteration as end:
                done: T = end.value
                return done
            outcome = await self._taken(step)

    async def _taken(self, step: Step) -> Outcome | None:
        if isinstance(step, float):
            await self._sleep(step)
            return None
        try:
            return await self._http.request(step.method, step.path, content=step.body, headers=step.headers)
        except httpx.TransportError as error:
            return error

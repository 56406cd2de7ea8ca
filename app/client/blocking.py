"""The client for code that waits."""

import time
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from app.client import answers, calls
from app.client.calls import Asked, Call
from app.client.conversations import Conversation, Step, asked_for, finished, sent, whole
from app.client.files import File, TranslatedFile, received
from app.client.glossaries import Glossaries
from app.client.retries import Outcome, succeeded
from app.client.windows import IN_FLIGHT, Answered, Window, windows

T = TypeVar("T")
DEFAULT = "http://127.0.0.1:8080"


class Dragoman:
    """Calls block; one client may serve several threads. A call that is lost, or refused for want of room, is made
    again under the same key, so it is billed once.

    Raises Refused, whose `problem` is one of docs/errors.md, and Unreachable; both are kinds of DragomanError.
    """

    def __init__(
        self,
        server: str = DEFAULT,
        *,
        key: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`key`: of `dragoman keys create`, where the server asks for one. Raises ConfigurationError."""
        self._http = httpx.Client(
            base_url=calls.server_url(server),
            timeout=calls.TIMEOUT,
            headers=calls.headers(key),
            transport=transport,
        )
        self._sleep = sleep
        self.glossaries = Glossaries(self._ask, self._send)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def translate(
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
        return self._ask(calls.translate(texts, asked, key=idempotency_key))

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
    ) -> Generator[answers.Translation, None, None]:
        """Any number of texts, in order, as requests of a size that a server takes, some at a time: neither the texts
        nor the translations are held in memory as a whole. A text that is refused alone comes back as failed.

        Called again with the same texts and `idempotency_key`, what was answered before is not billed again.
        """
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

    def _streamed(
        self, texts: Iterable[str], asked: Asked, key: str
    ) -> Generator[answers.Translation, None, None]:
        waiting: deque[Future[Answered]] = deque()
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="dragoman-client") as pool:
            try:
                for window in windows(texts, key=key):
                    reached = len(waiting) == IN_FLIGHT
                    if reached:
                        yield from waiting.popleft().result().translations
                    waiting.append(pool.submit(self._window, window, asked, patient=reached))
                while waiting:
                    yield from waiting.popleft().result().translations
            finally:
                for each in waiting:
                    each.cancel()

    def detect(
        self, texts: str | Sequence[str], *, candidates: Sequence[str] | None = None
    ) -> answers.Detections:
        return self._ask(calls.detect(texts, candidates))

    def check(self, pairs: answers.ToCheck | Sequence[answers.ToCheck]) -> answers.Checks:
        """Translations from anywhere beside their sources."""
        return self._ask(calls.check(pairs))

    def estimate(
        self,
        texts: str | Sequence[str],
        *,
        target: str,
        source: str | None = None,
        candidates: Sequence[str] | None = None,
    ) -> answers.Estimate:
        """What a translation would come to; it costs nothing."""
        return self._ask(calls.estimate(texts, Asked(target, source, candidates)))

    def languages(self) -> answers.Languages:
        return self._ask(calls.languages())

    def models(self) -> answers.Models:
        return self._ask(calls.models())

    def usage(
        self,
        *,
        since: date | None = None,
        until: date | None = None,
        group_by: str | None = None,
        tenant: str | None = None,
    ) -> answers.Usage:
        """`since` and `until` are UTC days, included."""
        return self._ask(calls.usage(since, until, group_by, tenant))

    def usage_as(
        self,
        form: str,
        *,
        since: date | None = None,
        until: date | None = None,
        group_by: str | None = None,
        tenant: str | None = None,
    ) -> str:
        """`csv` or `html`."""
        return self._send(calls.usage(since, until, group_by, tenant, form=form)).text

    def quality(self, asked: Mapping[str, object] | None = None) -> answers.Quality:
        """`asked`: the parameters of GET /v1/quality, by name."""
        return self._ask(calls.quality(asked or {}))

    def quality_page(self, asked: Mapping[str, object] | None = None) -> str:
        """The same as a page of HTML."""
        return self._send(calls.quality({**(asked or {}), "format": "html"})).text

    def send_document(
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
        return self._ask(calls.document(file, asked, options, key=idempotency_key))

    def jobs(self) -> answers.Jobs:
        return self._ask(calls.jobs())

    def job(self, job: str) -> answers.Job:
        return self._ask(calls.job(job))

    def finished(self, job: str) -> answers.Job:
        """Once it is over."""
        return self._hold(finished(job, self._http.base_url))

    def job_report(self, job: str) -> answers.JobReport:
        return self._ask(calls.report(job))

    def job_statement(self, job: str) -> answers.Statement:
        """Signed: what the translation was made with. `dragoman statement verify` checks it."""
        return self._ask(calls.statement(job))

    def statement_key(self) -> answers.StatementKey:
        return self._ask(calls.statement_key())

    def job_result(self, job: str, *, corrected: bool = False) -> File:
        """`corrected`: with people's corrections in their places."""
        return received(self._send(calls.result(job, corrected=corrected)))

    def delete_job(self, job: str) -> answers.Job:
        """Cancels it if it is not over; deletes its files and texts."""
        return self._ask(calls.delete(job))

    def translate_document(
        self,
        file: File | Path | str,
        *,
        target: str,
        source: str | None = None,
        cost_centre: str | None = None,
        options: Mapping[str, object] | None = None,
    ) -> TranslatedFile:
        """Sends, waits, fetches, and deletes the job. Raises NoResult for one that failed, too."""
        begun = self.send_document(
            file, target=target, source=source, cost_centre=cost_centre, options=options
        )
        try:
            job = self.finished(begun["id"])
            succeeded(job)
            report = self.job_report(job["id"])
            result = self.job_result(job["id"])
        finally:
            self.delete_job(begun["id"])
        return TranslatedFile(result.name, result.data, report)

    def _window(self, window: Window, asked: Asked, *, patient: bool) -> Answered:
        """Halved where the server refuses it for its size."""
        return self._hold(whole(window, asked, self._http.base_url, patient=patient))

    def _ask(self, call: Call[T]) -> T:
        return self._hold(asked_for(call, self._http.base_url))

    def _send(self, call: Call[Any]) -> httpx.Response:
        return self._hold(sent(call, self._http.base_url))

    def _hold(self, conversation: Conversation[T]) -> T:
        outcome = None
        while True:
            try:
                step = conversation.send(outcome)
            except StopIteration as end:
                done: T = end.value
                return done
            outcome = self._taken(step)

    def _taken(self, step: Step) -> Outcome | None:
        if isinstance(step, float):
            self._sleep(step)
            return None
        try:
            return self._http.request(step.method, step.path, content=step.body, headers=step.headers)
        except httpx.TransportError as error:
            return error

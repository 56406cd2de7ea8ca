"""Traces to the OpenTelemetry collector that the operator named, and to nobody else. Loaded only where one is named."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from threading import Thread
from typing import TypeVar

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app import __version__
from app.traces import Value
from batching.observer import Served

T = TypeVar("T")

LAST_WORDS = 3.0
"""Seconds at the end for what is not sent yet: a collector that is away holds nobody up."""
PREFIX = "dragoman."
_W3C = TraceContextTextMapPropagator()


class CollectedSpan:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def say(self, name: str, value: Value) -> None:
        self._span.set_attribute(name if "." in name else PREFIX + name, value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def fail(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))


class CollectedTraces:
    on = True

    def __init__(self, processor: SpanProcessor) -> None:
        # Name and further attributes of the service are OTEL_SERVICE_NAME's and OTEL_RESOURCE_ATTRIBUTES' if set.
        resource = Resource.create({"service.version": __version__})
        if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
            resource = resource.merge(Resource({"service.name": "dragoman"}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("dragoman", __version__)

    @classmethod
    def to(cls, endpoint: str) -> "CollectedTraces":
        """Sends from a thread of its own; what comes faster than it is taken is thrown away, not waited for."""
        return cls(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))

    @contextmanager
    def span(self, name: str, **attributes: Value) -> Iterator[CollectedSpan]:
        with self._begun(name, kind=SpanKind.INTERNAL) as span:
            for key, value in attributes.items():
                span.say(key, value)
            yield span

    @contextmanager
    def request(self, method: str, *, caller: Mapping[str, str] | None = None) -> Iterator[CollectedSpan]:
        # Not whatever span there is: a request belongs to none of ours.
        parent = _W3C.extract(caller or {}, Context())
        with self._begun(method, kind=SpanKind.SERVER, parent=parent) as span:
            span.say("http.request.method", method)
            yield span

    def carried(self, work: Callable[[], T]) -> Callable[[], T]:
        return partial(copy_context().run, work)

    def mark(self) -> object | None:
        context = get_current()
        return context if trace.get_current_span(context).is_recording() else None

    def served(self, works: Sequence[Served]) -> None:
        # The event loop's clock says how long ago; the collector wants to know when.
        offset = time.time_ns() - time.monotonic_ns()
        for work in works:
            if isinstance(work.mark, Context):
                self._told(work, work.mark, lambda seconds: int(seconds * 1e9) + offset)

    def _told(self, work: Served, parent: Context, at: Callable[[float], int]) -> None:
        waiting = self._tracer.start_span("queue wait", parent, start_time=at(work.arrived))
        waiting.set_attribute("dragoman.model", work.model)
        waiting.set_attribute("dragoman.priority", work.priority)
        waiting.end(at(work.started))
        engine = self._tracer.start_span("engine batch", parent, start_time=at(work.started))
        engine.set_attribute("dragoman.model", work.model)
        engine.set_attribute("dragoman.segments", work.segments)
        engine.set_attribute("dragoman.batch.segments", work.batch_segments)
        engine.set_attribute("dragoman.batch.padded_tokens", work.padded)
        engine.set_attribute("dragoman.batch.compute_seconds", work.compute_ns / 1e9)
        if work.failed:
            engine.set_attribute("dragoman.batch.failed_segments", work.failed)
            engine.set_status(Status(StatusCode.ERROR))
        engine.end(at(work.ended))

    def close(self) -> None:
        # It sends what is left and has no time limit that could be set.
        ending = Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(LAST_WORDS)

    @contextmanager
    def _begun(self, name: str, *, kind: SpanKind, parent: Context | None = None) -> Iterator[CollectedSpan]:
        # Its own way would write down an exception's message and traceback, which might hold text.
        with self._tracer.start_as_current_span(
            name, parent, kind, record_exception=False, set_status_on_exception=False
        ) as begun:
            span = CollectedSpan(begun)
            try:
                yield span
            except BaseException as error:
                span.fail(type(error).__name__)
                raise

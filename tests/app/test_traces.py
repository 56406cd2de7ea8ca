"""Traces, as the operator's collector gets them over HTTP."""

import asyncio
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from app.errors import ConfigurationError
from app.otlp import LAST_WORDS, CollectedTraces
from app.results import TranslationRequest
from app.runtime import open_runtime
from app.settings import Settings
from app.telemetry import Telemetry
from app.traces import UNTRACED, Span, Value, open_traces
from batching.observer import Served
from tests import leaks
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Service, serving, write_card

T = TypeVar("T")
TEXT = "Bom dia, onde fica a carrinha? Bom dia outra vez."
PARTS = {"detect", "route", "queue wait", "engine batch", "fidelity", "ledger commit"}
KEY = "dgm_" + "A" * 43
CALLED = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"


@dataclass
class Collector:
    """OTLP over HTTP, as one is: it keeps what it is sent."""

    address: str
    bodies: list[bytes] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes) -> None:
        with self.changed:
            self.bodies.append(body)
            self.changed.notify_all()

    @property
    def spans(self) -> list[Sent]:
        found = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        scopes = [
            scope for each in found for resource in each.resource_spans for scope in resource.scope_spans
        ]
        return [span for scope in scopes for span in scope.spans]

    def until(self, condition: Callable[[list[Sent]], bool]) -> list[Sent]:
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self.spans), PATIENCE), Counter(
                span.name for span in self.spans
            )
            return self.spans

    def of(self, request_id: str) -> list[Sent]:
        """The trace of a request; its own span, which is sent last, first."""

        def mine(spans: list[Sent]) -> list[Sent]:
            return [span for span in spans if said(span).get("dragoman.request_id") == request_id]

        (whole,) = mine(self.until(lambda spans: bool(mine(spans))))
        parts = [span for span in self.spans if span.trace_id == whole.trace_id and span != whole]
        return [whole, *parts]


@contextmanager
def collecting() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept = Collector(f"http://127.0.0.1:{server.server_port}/v1/traces")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join(PATIENCE)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield running


@pytest.fixture(scope="module")
def traced(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    models = tmp_path_factory.mktemp("models")
    write_card(models, "identity-pt-en", ("pt", "en"))
    write_card(models, "identity-en-fr", ("en", "fr"))
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        model_dir=models,
        preload=False,
        cache="off",
        replay_window=0,
        traces_endpoint=collector.address,
        trusted_proxies="192.0.2.1",
    )
    with serving(settings) as running:
        yield running


def said(span: Sent) -> dict[str, Any]:
    values = {each.key: each.value for each in span.attributes}
    return {key: getattr(value, value.WhichOneof("value")) for key, value in values.items()}


def asked(service: Service, target: str = "en", **headers: str) -> str:
    """The id of the request."""
    body = {"text": TEXT, "target": target}
    answer = service.client.post("/v1/translate", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["X-Request-Id"])


def test_a_request_is_a_trace_of_its_parts(traced: Service, collector: Collector) -> None:
    whole, *parts = collector.of(asked(traced))
    assert whole.name == "POST /v1/translate"
    assert said(whole)["http.route"] == "/v1/translate"
    assert said(whole)["http.response.status_code"] == 200
    assert not whole.parent_span_id
    assert {span.name for span in parts} == PARTS
    assert {span.parent_span_id for span in parts} == {whole.span_id}
    for span in parts:
        assert whole.start_time_unix_nano - 1e6 <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= whole.end_time_unix_nano + 1e6


def test_parts_say_what_and_how_much(traced: Service, collector: Collector) -> None:
    found = {span.name: said(span) for span in collector.of(asked(traced))}
    assert found["route"]["dragoman.segments"] == 2
    assert [each.string_value for each in found["route"]["dragoman.routes"].values] == ["pt-en"]
    engine = found["engine batch"]
    assert (engine["dragoman.model"], engine["dragoman.segments"]) == ("identity-pt-en", 2)
    assert engine["dragoman.batch.padded_tokens"] > 0
    assert found["queue wait"]["dragoman.priority"] == "interactive"


def test_a_pivot_has_an_engine_call_a_hop(traced: Service, collector: Collector) -> None:
    parts = collector.of(asked(traced, "fr"))
    models = [said(span)["dragoman.model"] for span in parts if span.name == "engine batch"]
    assert models == ["identity-pt-en", "identity-en-fr"]


def test_whoever_is_not_named_says_nothing_of_traces(traced: Service, collector: Collector) -> None:
    whole, *_ = collector.of(asked(traced, traceparent=CALLED))
    assert whole.trace_id.hex() != "ab" * 16


def test_the_proxy_that_is_named_says_which_trace_it_is(start: Start, collector: Collector) -> None:
    service = start(traces_endpoint=collector.address, trusted_proxies="127.0.0.1")
    whole, *parts = collector.of(asked(service, traceparent=CALLED))
    assert (whole.trace_id.hex(), whole.parent_span_id.hex()) == ("ab" * 16, "cd" * 8)
    assert parts


def test_what_a_caller_says_beside_it_is_sent_to_nobody(start: Start, collector: Collector) -> None:
    service = start(traces_endpoint=collector.address, trusted_proxies="127.0.0.1")
    collector.of(asked(service, traceparent=CALLED, tracestate="shop=canariomudo"))
    assert leaks.found(b"".join(collector.bodies).decode("latin-1")) == []


def test_a_document_has_a_trace_a_chunk(traced: Service, collector: Collector) -> None:
    sent = {"file": ("carrinha.txt", TEXT.encode())}
    job = traced.client.post("/v1/documents", files=sent, data={"target": "en"}).json()["id"]

    def ended(spans: list[Sent]) -> bool:
        mine = {span.name for span in spans if said(span).get("dragoman.job") == job}
        return mine == {"job translate", "job compose"}

    spans = collector.until(ended)
    (chunk,) = (each for each in spans if each.name == "job translate" and said(each)["dragoman.job"] == job)
    parts = {span.name for span in spans if span.parent_span_id == chunk.span_id}
    assert parts | {"detect"} >= PARTS
    assert not chunk.parent_span_id


def test_no_text_no_key_no_name_is_in_any_of_it(traced: Service, collector: Collector) -> None:
    wrong = traced.client.get("/v1/usage?carrinha=1", headers={"Authorization": f"Bearer {KEY}"})
    lost = traced.client.get("/v1/jobs/carrinha")
    bad = traced.client.post("/v1/translate", json={"text": "Bom dia", "target": "canariomudo"})
    centre = {"X-Cost-Centre": "canariomudo"}
    fine = traced.client.post("/v1/translate", json={"text": "Bom dia", "target": "en"}, headers=centre)
    for answer in (wrong, lost, bad, fine):
        collector.of(answer.headers["X-Request-Id"])
    assert collector.bodies
    everything = b"".join(collector.bodies).decode("latin-1")
    assert "POST /v1/translate" in everything
    assert leaks.found(everything) == []


def test_a_defect_is_marked_without_its_message(
    traced: Service, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(TEXT)

    monkeypatch.setattr(traced.runtime.translation._planner._detector, "detect", broken)
    answer = traced.client.post("/v1/translate", json={"text": TEXT, "target": "en"})
    whole, *parts = collector.of(answer.headers["X-Request-Id"])
    (detect,) = parts
    assert said(detect)["error.type"] == "RuntimeError"
    assert said(whole)["error.type"] == "500"
    assert whole.status.code == Status.STATUS_CODE_ERROR
    assert not detect.events
    assert not detect.status.message


def test_probes_and_scrapes_are_no_traces(traced: Service, collector: Collector) -> None:
    for path in ("/healthz", "/readyz", "/readyz/detail", "/metrics"):
        traced.client.get(path)
    collector.of(asked(traced))
    assert not [span.name for span in collector.spans if span.name.endswith(("z", "detail", "metrics"))]


def test_a_collector_that_is_away_holds_nobody_up() -> None:
    with collecting() as gone:
        pass
    traces = CollectedTraces.to(gone.address)
    with traces.span("route"):
        pass
    began = time.monotonic()
    traces.close()
    assert time.monotonic() - began < LAST_WORDS + PATIENCE / 2


def test_without_an_address_nobody_is_asked() -> None:
    assert open_traces(Settings()) is UNTRACED


def test_without_the_package_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "app.otlp", None)
    with pytest.raises(ConfigurationError, match=r"dragoman\[otel\]"):
        open_traces(Settings(traces_endpoint="http://127.0.0.1:4318/v1/traces"))


class _Counting:
    """Traces that are off, and count what they are asked."""

    on = False

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def span(self, name: str, **attributes: Value) -> AbstractContextManager[Span]:
        self.calls[name] += 1
        return UNTRACED.span(name, **attributes)

    def request(self, method: str, *, caller: Any = None) -> AbstractContextManager[Span]:
        return UNTRACED.request(method, caller=caller)

    def carried(self, work: Callable[[], T]) -> Callable[[], T]:
        self.calls["carried"] += 1
        return work

    def mark(self) -> object | None:
        self.calls["mark"] += 1
        return None

    def served(self, works: Sequence[Served]) -> None:
        self.calls["served"] += len(works)

    def close(self) -> None: ...


def test_off_a_segment_more_costs_no_call_more(tmp_path: Path, identity_models: Path) -> None:
    settings = Settings(data_dir=tmp_path, model_dir=identity_models, preload=False)

    async def calls(texts: list[str]) -> Counter[str]:
        counting = _Counting()
        telemetry = Telemetry(batch_tokens=settings.batch_tokens, traces=counting)
        async with open_runtime(settings, telemetry=telemetry) as running:
            await running.translation.translate(TranslationRequest(texts, "en", "pt"))
        return counting.calls

    few = asyncio.run(calls([f"Bom dia {number}." for number in range(20)]))
    many = asyncio.run(calls([f"Boa noite {number}." for number in range(500)]))
    assert few == many
    assert few["mark"] == 1

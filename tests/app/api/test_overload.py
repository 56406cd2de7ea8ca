"""When there is more work than the engine can do, or somebody stops waiting."""

import json
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service

HEAD = "POST /v1/translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
LINE = "palavras e mais palavras "


def send(service: Service, text: str | list[str]) -> httpx.Response:
    return httpx.post(
        f"{service.client.base_url}/v1/translate",
        json={"text": text, "target": "en", "source": "pt"},
        timeout=PATIENCE,
        trust_env=False,
    )


def after(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, when: Callable[..., bool] = lambda *_: True
) -> threading.Event:
    """Set once `owner.name` has been called with arguments that satisfy `when`."""
    happened = threading.Event()
    original = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        if when(*arguments):
            happened.set()
        return result

    monkeypatch.setattr(owner, name, call)
    return happened


@pytest.fixture
def clients() -> Any:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def test_a_full_queue_refuses_and_says_when_to_come_back(
    gated: Start, gate: Gate, clients: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = gated(queue_tokens=1_000)
    telemetry = service.runtime.telemetry
    full = after(monkeypatch, telemetry, "queued", when=lambda waiting: waiting >= 1_000)
    running: Future[httpx.Response] = clients.submit(send, service, "Bom dia")
    assert gate.entered.wait(PATIENCE)
    waiting = clients.submit(send, service, [f"{LINE * 4}{number}" for number in range(20)])
    assert full.wait(PATIENCE)
    refused = send(service, "Boa tarde")
    assert (refused.status_code, refused.json()["code"]) == (429, "overloaded")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert int(refused.headers["Retry-After"]) >= 1
    assert "Try again in" in refused.json()["detail"]
    assert service.client.get("/healthz").status_code == 200
    gate.opened.set()
    assert running.result().status_code == waiting.result().status_code == 200
    assert send(service, "Boa tarde").status_code == 200
    assert service.usage()["totals"]["requests"] == 3


def test_a_request_that_waits_too_long(gated: Start, gate: Gate) -> None:
    service = gated(request_timeout=0.05)
    late = send(service, "Bom dia")
    assert (late.status_code, late.json()["code"]) == (504, "deadline_exceeded")
    gate.opened.set()
    assert service.usage()["totals"]["requests"] == 0


def test_a_request_that_is_long_in_detection(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline counts from the start, not from the queue."""
    service = start(request_timeout=0.05)
    done = threading.Event()
    monkeypatch.setattr(service.runtime.detector, "detect", lambda *_, **__: done.wait(PATIENCE))
    late = service.client.post("/v1/translate", json={"text": LINE * 100, "target": "en"})
    done.set()
    assert (late.status_code, late.json()["code"]) == (504, "deadline_exceeded")
    assert service.usage()["totals"]["requests"] == 0


def test_the_work_of_a_caller_who_left_is_dropped(
    gated: Start,
    gate: Gate,
    clients: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = gated()
    telemetry = service.runtime.telemetry
    dropped = after(monkeypatch, telemetry, "dropped")
    answered = after(monkeypatch, telemetry, "answered", when=lambda _route, status, _seconds: status == 499)
    running = clients.submit(send, service, "Bom dia")
    assert gate.entered.wait(PATIENCE)
    queued = after(monkeypatch, telemetry, "queued", when=lambda tokens: tokens > 0)
    body = json.dumps({"text": ["Boa tarde", "Boa noite"], "target": "en", "source": "pt"}).encode()
    with socket.create_connection(service.address) as leaving:
        leaving.sendall(HEAD.format(length=len(body)).encode() + body)
        assert queued.wait(PATIENCE)
    assert dropped.wait(PATIENCE)
    assert answered.wait(PATIENCE)
    assert service.metric("dragoman_dropped_segments_total") == 2
    gate.opened.set()
    assert running.result().status_code == 200
    totals = service.usage()["totals"]
    assert (totals["requests"], totals["characters"]) == (1, len("Bom dia"))
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_refusal_reads_no_body_and_the_connection_goes_on(
    gated: Start, gate: Gate, clients: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = gated(queue_tokens=1_000)
    planned = after(monkeypatch, service.runtime.translation, "translate")
    full = after(monkeypatch, service.runtime.telemetry, "queued", when=lambda waiting: waiting >= 1_000)
    running = clients.submit(send, service, "Bom dia")
    assert gate.entered.wait(PATIENCE)
    waiting = clients.submit(send, service, [f"{LINE * 4}{number}" for number in range(20)])
    assert full.wait(PATIENCE)
    planned.clear()

    refused = [service.client.post("/v1/translate", content=b"[" * 1_000_000) for _ in range(3)]
    unlike = service.client.get("/v1/translate")
    bulk = service.client.post("/v1/translate", content=b"{}", headers={"X-Priority": "bulk"})

    assert [each.status_code for each in (*refused, unlike, bulk)] == [429, 429, 429, 405, 429]
    assert not planned.is_set()
    assert service.metric('dragoman_http_requests_total{route="/v1/translate",status="429"}') == 4
    gate.opened.set()
    assert running.result().status_code == waiting.result().status_code == 200


def test_bulk_work_keeps_nobody_out(
    gated: Start, gate: Gate, clients: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = gated(queue_tokens=1_000)
    full = after(monkeypatch, service.runtime.telemetry, "queued", when=lambda waiting: waiting >= 1_000)
    url, body = "/v1/translate", {"text": [LINE * 4 + str(number) for number in range(40)], "target": "en"}
    bulk = clients.submit(
        service.client.post, url, json={**body, "source": "pt"}, headers={"X-Priority": "bulk"}
    )
    assert gate.entered.wait(PATIENCE)
    assert full.wait(PATIENCE)
    person = clients.submit(send, service, "Boa tarde")
    more = service.client.post(url, json={**body, "source": "pt"}, headers={"X-Priority": "bulk"})

    assert more.status_code == 429
    gate.opened.set()
    assert person.result().status_code == bulk.result().status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 429), ({"X-Priority": "bulk"}, 429), ({"X-Priority": "interactive"}, 200)]
)
def test_a_large_body_is_bulk_work_unless_it_says_otherwise(
    gated: Start,
    gate: Gate,
    clients: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    status: int,
) -> None:
    service = gated(queue_tokens=1_000)
    full = after(monkeypatch, service.runtime.telemetry, "queued", when=lambda waiting: waiting >= 1_000)

    def post(text: str, headers: dict[str, str]) -> httpx.Response:
        large = {
            "text": [f"{text}{LINE * 4}{number}" for number in range(200)],
            "target": "en",
            "source": "pt",
        }
        return service.client.post("/v1/translate", json=large, headers=headers)

    first = clients.submit(post, "Bom dia", {"X-Priority": "bulk"})
    assert gate.entered.wait(PATIENCE)
    assert full.wait(PATIENCE)

    more = clients.submit(post, "Boa noite", headers)
    if status == 429:
        assert more.result().status_code == 429
    gate.opened.set()
    assert [each.result().status_code for each in (first, more)] == [200, status]

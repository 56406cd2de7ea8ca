"""What is counted, and that callers cannot make it many."""

import asyncio
import io
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.types import Message, Receive, Scope, Send

from app.api.middleware import RequestId
from app.chores import PURGED, repeated
from app.errors import DeadlineExceeded, StorageError
from app.jobs.tables import jobs
from app.ledger.entry import LedgerEntry
from app.quality.series import MOST
from app.results import TranslationRequest
from app.runtime import open_runtime
from app.settings import Settings
from app.telemetry import Telemetry
from batching.work import Priority
from tests.app.conftest import Start
from tests.app.ledger.examples import entry, line
from tests.app.serving import write_card


def told(telemetry: Telemetry) -> dict[str, float]:
    """Of each series what it says."""
    lines = telemetry.exposition().decode().splitlines()
    return {name: float(value) for name, value in (each.rsplit(" ", 1) for each in lines if each[0] != "#")}


def priced(number: int) -> LedgerEntry:
    return entry("key", line(models=(f"model-{number}",)), currency="EUR", price_nanos=3_000_000_000)


def test_price_and_cost_by_pair_models_and_currency() -> None:
    telemetry = Telemetry(batch_tokens=64)
    lines = (
        line("pt", "en", compute_ns=3),
        line("en", "pt", models=("back",), compute_ns=1),
        line("und", models=(), compute_ns=0),
    )
    telemetry.charged(entry("key", *lines, price_nanos=27_000_000_000, cost_nanos=8_000_000_000))
    found = told(telemetry)
    assert found['dragoman_price_total{currency="GBP",model="starter-pt-en",pair="pt-en"}'] == 9.0
    assert found['dragoman_price_total{currency="GBP",model="none",pair="none"}'] == 9.0
    assert found['dragoman_cost_total{currency="GBP",model="starter-pt-en",pair="pt-en"}'] > 4.0
    assert sum(value for name, value in found.items() if name.startswith("dragoman_cost_total")) == 8.0


@pytest.mark.parametrize(("segments", "padded", "fill"), [(2, 64, 1.0), (8, 16, 1.0), (2, 16, 0.25)])
def test_a_batch_is_as_full_as_the_fuller_of_its_bounds(segments: int, padded: int, fill: float) -> None:
    telemetry = Telemetry(batch_tokens=64, batch_segments=8)
    telemetry.batch(
        "model", priority=Priority.BULK, segments=segments, tokens=10, padded=padded, compute_ns=1
    )
    assert told(telemetry)["dragoman_batch_fill_sum"] == fill


def test_pairs_and_models_beyond_so_many_share_a_series() -> None:
    telemetry = Telemetry(batch_tokens=64)
    for number in range(MOST + 3):
        telemetry.charged(priced(number))
    found = {
        name: value for name, value in told(telemetry).items() if name.startswith("dragoman_price_total")
    }
    assert len(found) == MOST + 1
    assert found['dragoman_price_total{currency="EUR",model="other",pair="other"}'] == 9.0


def test_waits_by_class() -> None:
    telemetry = Telemetry(batch_tokens=64)
    telemetry.waited(Priority.INTERACTIVE, [0.001, 0.2])
    telemetry.waited(Priority.BULK, [90.0])
    found = told(telemetry)
    assert found['dragoman_wait_seconds_bucket{le="0.005",priority="interactive"}'] == 1.0
    assert found['dragoman_wait_seconds_count{priority="interactive"}'] == 2.0
    assert found['dragoman_wait_seconds_sum{priority="bulk"}'] == 90.0


def test_callers_do_not_make_series(start: Start) -> None:
    """Whatever they send, under whatever name and address: there are as many series as before."""
    service = start(auth="open", price_per_million="10")
    hostile(service.client.request, 0)
    service.client.get("/metrics")
    before = series(service.client.get("/metrics").text)
    for number in range(1, 12):
        hostile(service.client.request, number)
    after = series(service.client.get("/metrics").text)
    assert after - before == set()
    assert any(name.startswith("dragoman_price_total") for name in after)
    assert any(name.startswith("dragoman_wait_seconds") for name in after)


def hostile(send: object, number: int) -> None:
    assert callable(send)
    headers = {
        "X-Cost-Centre": f"centre-{number}",
        "X-Forwarded-For": f"192.0.2.{number}",
        "User-Agent": f"u{number}",
    }
    send(
        "POST",
        "/v1/translate",
        json={"text": f"carro {number}", "source": "pt", "target": "en"},
        headers=headers,
    )
    send(
        "POST",
        "/v1/translate",
        json={"text": "a", "source": "pt", "target": f"q{chr(97 + number)}"},
        headers=headers,
    )
    send("POST", "/v1/translate", json={"text": "1", "target": "en"}, headers=headers)
    send("GET", f"/v1/jobs/job_{number}", headers=headers)
    send("GET", f"/nowhere/{number}?text={number}", headers=headers)
    send(f"VERB{number}", f"/{number}", headers=headers)


def series(told: str) -> set[str]:
    return {each.rsplit(" ", 1)[0] for each in told.splitlines() if not each.startswith("#")}


def test_jobs_by_state_are_those_in_the_database(start: Start) -> None:
    service = start()
    sent = service.client.post(
        "/v1/documents",
        files={"file": ("a.txt", io.BytesIO(b"carro"), "text/plain")},
        data={"source": "pt", "target": "en"},
    )
    assert sent.status_code == 202, sent.text
    with service.runtime.database.transaction() as connection:
        connection.execute(update(jobs).values(state="failed"))
    found = service.client.get("/metrics").text
    assert 'dragoman_jobs{state="failed"} 1.0' in found
    assert 'dragoman_jobs{state="queued"} 0.0' in found


def test_a_database_that_is_away_leaves_jobs_out_and_the_rest_in(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = start()

    def away() -> None:
        raise StorageError("It is away.")

    monkeypatch.setattr(service.runtime.census, "_count", away)
    found = service.client.get("/metrics").text
    assert "dragoman_jobs{" not in found
    assert "dragoman_queue_tokens" in found


def test_loads_that_fail_are_counted(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    write_card(folder, "broken-pt-en", ("pt", "en"), architecture="marian")
    service = start(model_dir=folder)
    service.client.post("/v1/translate", json={"text": "carro", "source": "pt", "target": "en"})
    assert service.metric("dragoman_model_load_failures") == 1


def test_a_thousand_tenants_and_ten_thousand_paths_are_no_series_more() -> None:
    telemetry = Telemetry(batch_tokens=64)

    async def nowhere(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def said(_message: Message) -> None: ...

    async def ask(count: int) -> None:
        measured = RequestId(nowhere, telemetry=telemetry)
        for number in range(count):
            scope: Scope = {
                "type": "http",
                "method": "GET",
                "path": f"/v1/{number}",
                "headers": [],
                "client": None,
            }
            await measured(scope, nothing, said)

    asyncio.run(ask(1))
    telemetry.charged(entry("first", line()))
    before = set(told(telemetry))
    asyncio.run(ask(10_000))
    for number in range(1_000):
        telemetry.charged(replace(entry(f"key {number}", line()), tenant=f"tenant-{number}"))
    assert set(told(telemetry)) == before


def test_how_long_translations_took_by_priority(start: Start) -> None:
    service = start()
    service.translate("Bom dia.", source="pt")
    late = service.client.post(
        "/v1/translate",
        json={"text": ["Boa noite."] * 50, "source": "pt", "target": "en"},
        headers={"X-Priority": "bulk"},
    )
    assert late.status_code == 200
    assert service.metric('dragoman_translation_seconds_count{priority="interactive"}') == 1
    assert service.metric('dragoman_translation_seconds_count{priority="bulk"}') == 1


async def test_a_translation_that_was_too_late_is_counted_as_slow(
    tmp_path: Path, identity_models: Path
) -> None:
    settings = Settings(data_dir=tmp_path, model_dir=identity_models, preload=False)
    telemetry = Telemetry(batch_tokens=64)
    async with open_runtime(settings, telemetry=telemetry) as running:
        with pytest.raises(DeadlineExceeded):
            await running.translation.translate(
                TranslationRequest(["Bom dia. " * 200] * 5, "en", timeout=1e-9)
            )
    assert told(telemetry)['dragoman_translation_seconds_count{priority="interactive"}'] == 1.0


async def test_a_purge_is_heard_whether_it_worked_or_failed() -> None:
    telemetry = Telemetry(batch_tokens=64)
    turns = iter((None, 3))
    over = threading.Event()

    def purge() -> int:
        deleted = next(turns, 0)
        if deleted is None:
            raise StorageError("database or disk is full")
        if deleted == 0:
            over.set()
        return deleted

    assert told(telemetry)['dragoman_purge_success_timestamp_seconds{what="review"}'] == 0.0
    task = asyncio.create_task(repeated(purge, every=0.0, heard=partial(telemetry.purged, "review")))
    assert await asyncio.to_thread(over.wait, 60)
    task.cancel()
    found = told(telemetry)
    assert found['dragoman_purge_failures_total{what="review"}'] == 1.0
    assert found['dragoman_purged_rows_total{what="review"}'] == 3.0
    assert found['dragoman_purge_success_timestamp_seconds{what="review"}'] > 1e9


def test_a_running_service_purges_everything_there_is(start: Start) -> None:
    service = start()
    for what in PURGED:
        name = f'dragoman_purge_success_timestamp_seconds{{what="{what}"}}'
        until = time.monotonic() + 60
        while service.metric(name) == 0 and time.monotonic() < until:
            service.client.get("/readyz")
        assert service.metric(name) > 1e9, what

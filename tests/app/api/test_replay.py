"""A request sent again: joined, replayed, or worked out again, and charged once whatever happens."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.replay.running import Running
from app.storage.sqlite import SqliteDatabase
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service

BODY = {"text": "Bom dia a todos", "target": "en", "source": "pt"}
REPLAYED = "Idempotency-Replayed"


def post(service: Service, body: Any = None, *, key: str | None = None, **headers: str) -> httpx.Response:
    named = {} if key is None else {"Idempotency-Key": key}
    return service.client.post("/v1/translate", json=body or BODY, headers={**named, **headers})


def billed(service: Service) -> tuple[int, int]:
    totals = service.usage()["totals"]
    return totals["requests"], totals["billed_characters"]


@pytest.mark.parametrize("key", [None, "mine"])
def test_a_repeat_gets_the_same_answer_and_is_charged_once(start: Start, key: str | None) -> None:
    service = start(replay_window=300)
    first, second = post(service, key=key), post(service, key=key)
    assert REPLAYED not in first.headers
    assert second.headers[REPLAYED] == "true"
    assert second.content == first.content
    assert second.headers["X-Characters"] == first.headers["X-Characters"] == "15"
    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"] == first.json()["id"]
    assert billed(service) == (1, 15)
    assert service.metric('dragoman_replayed_requests_total{how="memory"}') == 1


def test_without_a_key_every_byte_of_the_body_counts(start: Start) -> None:
    service = start(replay_window=300)
    post(service)
    for other in ({**BODY, "detail": True}, {**BODY, "text": ["Bom dia a todos"]}):
        assert REPLAYED not in post(service, other).headers
    assert REPLAYED not in post(service, key="another request, as it has a name").headers
    assert billed(service)[0] == 4


def test_two_credentials_share_no_answer(start: Start) -> None:
    service = start(replay_window=300, auth="open")
    for credential in ("Bearer one", "Bearer two"):
        assert REPLAYED not in post(service, Authorization=credential).headers
    assert REPLAYED in post(service, Authorization="Bearer one").headers


def test_no_window_no_repeats(start: Start) -> None:
    service = start(replay_window=0)
    assert REPLAYED not in post(service).headers
    assert REPLAYED not in post(service).headers
    assert billed(service) == (2, 30)


@pytest.mark.parametrize("key", [None, "mine"])
def test_where_no_answer_is_kept_a_repeat_is_worked_out_again_and_billed_0(
    start: Start, key: str | None
) -> None:
    service = start(replay="off", replay_window=300)
    first, second = post(service, key=key), post(service, key=key)
    assert REPLAYED not in second.headers
    assert first.json()["translations"] == second.json()["translations"]
    assert [each.json()["usage"]["billed_characters"] for each in (first, second)] == [15, 0]
    assert billed(service) == (1, 15)


@pytest.mark.parametrize("replay", ["off", "memory"])
@pytest.mark.parametrize("key", [None, "mine"])
def test_after_a_restart_a_repeat_is_billed_0(start: Start, replay: str, key: str | None) -> None:
    """Beside the first server, as after it: what a process finds in the ledger was charged by another."""
    first = post(start(replay=replay, replay_window=300), key=key).json()
    after = start(replay=replay, replay_window=300)
    second = post(after, key=key).json()
    assert second["translations"] == first["translations"]
    assert (second["usage"]["billed_characters"], second["usage"]["price"]) == (0, "0.000000000")
    assert billed(after) == (1, 15)


def test_work_that_came_to_nothing_is_not_held_against_the_next_try(start: Start) -> None:
    service = start(replay_window=300)
    body = {"text": "A vonat késik, és nem tudom, mikor indul.", "target": "en"}
    for _ in range(2):
        answer = post(service, body)
        assert answer.json()["translations"][0]["status"] == "failed"
        assert REPLAYED not in answer.headers
    assert billed(service) == (2, 0)


def test_a_key_names_one_request_even_while_it_runs(gated: Start, gate: Gate) -> None:
    service = gated(replay_window=300)
    with ThreadPoolExecutor(1) as clients:
        running = clients.submit(post, service, key="mine")
        assert gate.entered.wait(PATIENCE)
        refused = post(service, {**BODY, "text": "Boa noite"}, key="mine")
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
        gate.opened.set()
        assert running.result().status_code == 200


@pytest.mark.parametrize("key", [None, "mine"])
def test_repeats_join_the_running_request(gated: Start, gate: Gate, key: str | None) -> None:
    service = gated(replay_window=300)
    with ThreadPoolExecutor(8) as clients:
        running = [clients.submit(post, service, key=key) for _ in range(8)]
        assert gate.entered.wait(PATIENCE)
        gate.opened.set()
        answers = [each.result() for each in running]
    assert len({answer.content for answer in answers}) == 1
    assert sum(REPLAYED in answer.headers for answer in answers) == 7
    assert billed(service) == (1, 15)
    assert service.metric("dragoman_segments_total") == 1


class Joining:
    """Says when a request has joined another, and when the server has seen the first one's caller go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.joined = threading.Event()
        self.abandoned = threading.Event()
        join, abandon = Running.joined, Running.abandon

        def joined(running: Running) -> Any:
            self.joined.set()
            return join(running)

        def abandoned(running: Running) -> None:
            abandon(running)
            self.abandoned.set()

        monkeypatch.setattr(Running, "joined", joined)
        monkeypatch.setattr(Running, "abandon", abandoned)


def caller(service: Service) -> socket.socket:
    """Who has sent the request and does not read the answer yet."""
    body = service.client.build_request("POST", "/v1/translate", json=BODY).content
    head = f"POST /v1/translate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    opened = socket.create_connection(service.address, PATIENCE)
    opened.sendall(head.encode() + b"\r\n\r\n" + body)
    return opened


def test_the_work_goes_on_for_others_when_the_first_caller_hangs_up(
    gated: Start, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, joining = gated(replay_window=300), Joining(monkeypatch)
    with ThreadPoolExecutor(1) as clients:
        first = caller(service)
        assert gate.entered.wait(PATIENCE)
        second = clients.submit(post, service)
        assert joining.joined.wait(PATIENCE)
        first.close()
        assert joining.abandoned.wait(PATIENCE)
        gate.opened.set()
        answer = second.result()
    assert (answer.status_code, answer.headers[REPLAYED]) == (200, "true")
    assert billed(service) == (1, 15)
    assert service.metric("dragoman_segments_total") == 1


def test_work_that_nobody_waits_for_is_dropped(
    gated: Start, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, joining = gated(replay_window=300), Joining(monkeypatch)
    first = caller(service)
    assert gate.entered.wait(PATIENCE)
    first.close()
    assert joining.abandoned.wait(PATIENCE)
    gate.opened.set()
    # Its key may have been charged, for all the memory knows; it was not.
    answer = post(service)
    assert REPLAYED not in answer.headers
    assert answer.json()["usage"]["billed_characters"] == 15
    assert billed(service) == (1, 15)


def test_a_stored_answer_outlives_its_process(start: Start, tmp_path: Path) -> None:
    first = post(start(replay="stored", auth="open"), key="mine", Authorization="Bearer one")
    after = start(replay="stored", auth="open")
    second = post(after, key="mine", Authorization="Bearer one")
    assert second.headers[REPLAYED] == "true"
    assert second.content == first.content
    assert second.headers["X-Characters"] == "15"
    assert after.metric('dragoman_replayed_requests_total{how="stored"}') == 1
    assert after.metric("dragoman_segments_total") == 0
    assert billed(after) == (1, 15)
    if not isinstance(after.runtime.database, SqliteDatabase):
        return  # PostgreSQL's files are elsewhere
    at_rest = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("dragoman.db*"))
    assert first.json()["id"].encode() in at_rest
    assert b"Bom dia" not in at_rest


def test_a_stored_answer_needs_the_credential_it_was_given_to(start: Start) -> None:
    post(start(replay="stored", auth="open"), key="mine", Authorization="Bearer one")
    after = start(replay="stored", auth="open")
    second = post(after, key="mine", Authorization="Bearer two")
    assert REPLAYED not in second.headers
    assert second.json()["usage"]["billed_characters"] == 0
    assert billed(after) == (1, 15)


def test_a_stored_answer_is_for_the_same_body_only(start: Start) -> None:
    post(start(replay="stored"), key="mine")
    after = start(replay="stored")
    refused = post(after, {**BODY, "text": "Boa noite"}, key="mine")
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    assert after.metric("dragoman_segments_total") == 0

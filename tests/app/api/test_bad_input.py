"""What is wrong is refused early, in a sentence that helps, and never repeated."""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.logs import TextLines
from app.settings import Settings
from tests.app.conftest import Start
from tests.app.serving import Service, serving

JSON = {"Content-Type": "application/json"}
CANARY = "canariomudo"


def send(service: Service, body: Any, path: str = "/v1/translate") -> httpx.Response:
    return service.client.post(path, json=body)


def send_raw(service: Service, content: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return service.client.post("/v1/translate", content=content, headers={**JSON, **named})


def assert_problem(answer: httpx.Response, status: int, code: str) -> str:
    """The detail of a problem of this status and code."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["type"] == f"urn:dragoman:error:{code}"
    assert answer.headers["X-Request-Id"]
    detail: str = body["detail"]
    assert detail.endswith((".", "/docs."))
    return detail


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"text": 5, "target": "en"}, "body.text: Input should be a string or a list of strings"),
        ({"text": None, "target": "en"}, "body.text: Input should be a string or a list"),
        ({"text": {"a": "b"}, "target": "en"}, "body.text: Input should be a string or a list"),
        ({"text": [["nested"]], "target": "en"}, "body.text.list.0: Input should be a valid string"),
        ({"text": ["fine", None], "target": "en"}, "body.text.list.1: Input should be a valid string"),
        ({"text": [], "target": "en"}, "body.text.list: List should have at least 1 item"),
        ({"target": "en"}, "body.text: Field required"),
        ({"text": "x"}, "body.target: Field required"),
        ({"text": "x", "target": 1}, "body.target: Input should be a valid string"),
        ({"text": "x", "target": ""}, "body.target: String should have at least 1 character"),
        ({"text": "x", "target": "en", "source": None}, "body.source: Input should be a valid string"),
        ({"text": "x", "target": "en", "detail": "yes"}, "body.detail: Input should be a valid boolean"),
        ({"text": "x", "target": "en", "candidates": "pt"}, "body.candidates: Input should be a valid list"),
        ({"text": "x", "target": "en", "candidates": [1]}, "body.candidates.0: Input should be a valid"),
        ({"text": "x", "target": "en", "candidates": ["pt"] * 501}, "body.candidates: List should have at"),
        ({"text": "x", "target": "en", "tagret": "pt"}, "body.tagret: Extra inputs are not permitted"),
        (["text"], "body: Input should be a valid dictionary"),
        ("text", "body: Input should be a valid dictionary"),
    ],
)
def test_wrong_types_name_the_field(identity_service: Service, body: Any, named: str) -> None:
    assert named in assert_problem(send(identity_service, body), 422, "invalid_request")


@pytest.mark.parametrize("path", ["/v1/translate", "/v1/detect"])
def test_faults_are_listed_up_to_a_number(identity_service: Service, path: str) -> None:
    body = {"text": "x", "candidates": [1] * 100, **({"target": "en"} if path == "/v1/translate" else {})}
    answer = send(identity_service, body, path)
    assert "80 more faults are not listed." in assert_problem(answer, 422, "invalid_request")
    assert len(answer.json()["errors"]) == 20


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"text": [1] * 1_000_000, "target": "en"}, "body.text.list.0"),
        ({"text": "x", **{f"k{number}": 1 for number in range(200_000)}}, "a few fields, not 200001"),
        ({"text": "x", "target": "en", "candidates": ["pt"] * 500_000}, "body.candidates"),
        ({"text": "x", "target": "e" * 1_000_000}, "body.target"),
    ],
    ids=["items", "fields", "candidates", "code"],
)
def test_a_million_faults_are_refused_as_fast_as_one(
    identity_service: Service, body: dict[str, Any], named: str
) -> None:
    started = time.monotonic()
    answer = send(identity_service, body)
    assert named in assert_problem(answer, 422, "invalid_request")
    assert time.monotonic() - started < 5
    assert len(answer.text) < 5_000


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ({"text": "x", "target": "xx"}, "unknown_language", "'xx' is not a language code"),
        ({"text": "x", "target": "auto"}, "unknown_language", "BCP 47"),
        ({"text": "x", "target": "und"}, "unknown_language", "'und'"),
        ({"text": "x", "target": "en", "source": "português"}, "unknown_language", "BCP 47"),
        ({"text": "x", "target": "en", "candidates": ["pt", "??"]}, "unknown_language", "'??'"),
        ({"text": "x", "target": "hu", "source": "pt"}, "no_route", "No model translates pt into hu"),
        ({"text": "x", "target": "en", "source": "hu"}, "no_route", "hu-en"),
    ],
)
def test_languages_that_cannot_be(
    identity_service: Service, body: dict[str, Any], code: str, named: str
) -> None:
    assert named in assert_problem(send(identity_service, body), 400, code)


def test_no_candidates_are_no_choice(identity_service: Service) -> None:
    answer = send(identity_service, {"text": "x", "target": "en", "candidates": []})
    assert "leave it out" in assert_problem(answer, 422, "invalid_request")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{'text': 'x', 'target': 'en'}",
        b'{"text": "x", "target": "en",}',
        b'{"text": "\\ud800", "target": "en"}',
        b'{"text": ["fine", "a\\udfffb"], "target": "en"}',
        b'{"text": "\xff\xfe", "target": "en"}',
        b'{"text": "\xed\xa0\x80", "target": "en"}',
        '{"text": "x", "target": "en"}'.encode("utf-16"),
        b'{"text": "a\x00b", "target": "en"}',
        b'{"text": NaN, "target": "en"}',
        b'{"text": "x", "target": "en", "detail": 1' + b"0" * 400 + b"e999}",
        b'{"text": ' + b"[" * 100_000,
        b'{"text": ' + b"[" * 5_000 + b"]" * 5_000 + b', "target": "en"}',
    ],
    ids=lambda content: ascii(content[:24]),
)
def test_what_is_not_json(identity_service: Service, content: bytes) -> None:
    detail = assert_problem(send_raw(identity_service, content), 400, "invalid_json")
    assert "UTF-8" in detail
    assert "surrogate" in detail


def test_numbers_too_large_for_anything(identity_service: Service) -> None:
    content = b'{"text": "x", "target": "en", "detail": ' + b"9" * 300 + b"}"
    assert "body.detail" in assert_problem(send_raw(identity_service, content), 422, "invalid_request")


def test_an_empty_body(identity_service: Service) -> None:
    assert "body: Field required" in assert_problem(send_raw(identity_service, b""), 422, "invalid_request")


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
@pytest.mark.parametrize("path", ["/v1/translate", "/v1/detect"])
def test_what_does_not_say_it_is_json(identity_service: Service, path: str, kind: str) -> None:
    answer = identity_service.client.post(path, content=b"{}", headers={"Content-Type": kind})
    assert "Content-Type: application/json" in assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/a+json"]
)
def test_ways_to_say_json(identity_service: Service, kind: str) -> None:
    content = b'{"text": "Bom dia", "target": "en", "source": "pt"}'
    assert send_raw(identity_service, content, Content_Type=kind).status_code == 200


def test_control_characters_are_text(identity_service: Service) -> None:
    text = "\x00Bom\x07 dia\x1b[31m \u200f\u05e9\u05dc\u05d5\u05dd\u202e fim\u2066.\x7f"
    (found,) = identity_service.translate(text, source="pt")["translations"]
    assert (found["text"], found["characters"]) == (text, len(text))


def test_too_many_texts(identity_service: Service) -> None:
    detail = assert_problem(
        send(identity_service, {"text": ["x"] * 10_000, "target": "en"}), 413, "too_large"
    )
    assert "10000 texts" in detail
    assert "takes 5000" in detail


def test_as_many_texts_as_allowed(identity_service: Service) -> None:
    texts = [f"Frase {number}" for number in range(5_000)]
    body = identity_service.translate(texts, source="pt")
    assert [each["text"] for each in body["translations"]] == texts
    assert body["usage"]["characters"] == sum(map(len, texts))


@pytest.mark.parametrize("path", ["/v1/translate", "/v1/detect"])
def test_a_megabyte_is_too_much_for_a_request(identity_service: Service, path: str) -> None:
    body = {"text": "a" * 1_000_000, **({"target": "en"} if path == "/v1/translate" else {})}
    detail = assert_problem(send(identity_service, body, path), 413, "too_large")
    assert "1000000 characters" in detail
    assert "takes 500000" in detail
    assert "dragoman bulk run" in detail


@pytest.mark.parametrize("unit", ["a", "字", "\u0301", "A-", '"'])
def test_a_megabyte_without_a_space_where_allowed(roomy: Service, unit: str) -> None:
    """Nothing on the way takes more than linear time in it: of this process, the service's threads included."""
    text = (unit * 1_000_000)[:1_000_000]
    started = time.process_time()
    (found,) = roomy.translate(text, source="pt")["translations"]
    assert found["text"] == text
    detected = roomy.client.post("/v1/detect", json={"text": text})
    assert detected.status_code == 200
    assert time.process_time() - started < 30


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("data")
    with serving(
        Settings(data_dir=data, model_dir=identity_models, preload=False, max_characters=2_000_000)
    ) as running:
        yield running


def test_a_body_over_the_limit_by_its_length(start: Start) -> None:
    service = start(max_body_bytes=2_000)
    answer = send(service, {"text": "x" * 2_000, "target": "en"})
    assert "limit of 2000 bytes" in assert_problem(answer, 413, "too_large")
    assert send(service, {"text": "x" * 1_000, "target": "en"}).status_code == 200


def test_a_body_over_the_limit_without_a_length(start: Start) -> None:
    service = start(max_body_bytes=2_000)

    def chunks() -> Iterator[bytes]:
        yield b'{"target": "en", "text": "'
        for _ in range(100):
            yield b"x" * 100
        yield b'"}'

    answer = service.client.post("/v1/translate", content=chunks(), headers=JSON)
    assert "limit of 2000 bytes" in assert_problem(answer, 413, "too_large")
    assert send(service, {"text": "x", "target": "en"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/translate", "POST"),
        ("DELETE", "/v1/detect", "POST"),
        ("POST", "/v1/usage", "GET"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_methods(identity_service: Service, method: str, path: str, allowed: str) -> None:
    answer = identity_service.client.request(method, path)
    assert allowed in assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize("path", ["/v1", f"/{CANARY}", "/v1/", "/v9/translate"])
def test_unknown_paths(identity_service: Service, path: str) -> None:
    answer = identity_service.client.get(path)
    assert "/docs" in assert_problem(answer, 404, "not_found")
    assert CANARY not in answer.text


@pytest.mark.parametrize("query", [{"since": CANARY}, {"group_by": CANARY}, {"until": "2026-13-01"}])
def test_wrong_queries(identity_service: Service, query: dict[str, str]) -> None:
    answer = identity_service.client.get("/v1/usage", params=query)
    assert next(iter(query)) in assert_problem(answer, 422, "invalid_request")
    assert CANARY not in answer.text


BODIES = [
    json.dumps({"text": CANARY, "target": "hu", "source": "pt"}),
    json.dumps({"text": [CANARY, 5], "target": "en"}),
    json.dumps({"text": {CANARY: CANARY}, "target": "en"}),
    json.dumps({"text": "x", "target": [CANARY]}),
    json.dumps({"text": "x", "target": "en", "extra": CANARY}),
    json.dumps({"text": [CANARY] * 6_000, "target": "en"}),
    f'{{"text": "{CANARY}", "target": ',
    f'{{"text": "{CANARY} \\ud800", "target": "en"}}',
    f'"{CANARY}"',
]


@pytest.mark.parametrize("content", BODIES, ids=lambda content: content[:30])
def test_what_was_sent_is_never_repeated(
    identity_service: Service, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = send_raw(identity_service, content.encode())
    assert answer.status_code >= 400
    assert CANARY not in answer.text
    assert CANARY not in str(answer.headers)
    assert "/v1/translate" in caplog.text
    assert CANARY not in caplog.text


def test_a_translation_leaves_no_text_in_the_log(
    identity_service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    identity_service.translate([f"Bom dia {CANARY}", "A vonat késik, és nem tudom, mikor indul."])
    answer = identity_service.client.get("/metrics")
    assert "dragoman.access" in {record.name for record in caplog.records}
    assert CANARY not in caplog.text
    assert CANARY not in answer.text


def test_a_defect_of_ours_keeps_the_text_to_itself(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = start()
    caplog.handler.setFormatter(TextLines())

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(service.runtime.translation._planner, "plan", broken)
    answer = send(service, {"text": CANARY, "target": "en"})
    assert "request id" in assert_problem(answer, 500, "internal_error")
    assert "RuntimeError" in caplog.text
    assert answer.headers["X-Request-Id"] in caplog.text
    assert CANARY not in caplog.text + answer.text

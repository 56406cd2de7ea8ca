"""A request answers alike whether it goes straight to its endpoint or through FastAPI."""

import inspect
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from app.api import v1
from app.api.schemas.translate import TranslateBody
from app.api.shortway import Way
from app.api.v1 import describe, usage
from app.settings import Settings
from app.tenants.caller import Caller
from app.tenants.tenant import Tenant
from tests.app.serving import Service, serving

GOOD = {"text": "Bom dia, onde fica a estação?", "source": "pt", "target": "en"}
JSON = {"Content-Type": "application/json"}
LOCAL = Caller(Tenant("local", datetime.now(UTC)))
ITS_OWN = ("id", "request", "compute_seconds", "queue_seconds", "cost")


@pytest.fixture(scope="module")
def long_way(tmp_path_factory: pytest.TempPathFactory, identity_models: Path) -> Iterator[Service]:
    """A service all of whose requests FastAPI solves."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(v1, "WAYS", ())
            chosen = Settings(
                data_dir=tmp_path_factory.mktemp("data"),
                model_dir=identity_models,
                preload=False,
                cache="off",
                replay_window=0,
            )
            running = stack.enter_context(serving(chosen))
        yield running


def told(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    """What of an answer does not differ from one time to the next."""
    changing = {"x-request-id", "x-compute-seconds", "x-model-load-seconds", "date", "content-length"}
    headers = {name: value for name, value in answer.headers.items() if name not in changing}
    body = answer.json()
    for part in (body, body.get("usage", {}), body.get("provenance", {})):
        for name in ITS_OWN:
            part.pop(name, None)
    return answer.status_code, headers, body


def post(service: Service, content: bytes, headers: dict[str, str]) -> httpx.Response:
    return service.client.post("/v1/translate", content=content, headers=headers)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (JSON, json.dumps(GOOD)),
        ({"Content-Type": "Application/JSON; charset=utf-8"}, json.dumps(GOOD)),
        ({"Content-Type": "application/problem+json"}, json.dumps(GOOD)),
        ({"Content-Type": "text/plain"}, json.dumps(GOOD)),
        ({"Content-Type": "application/json, text/plain"}, json.dumps(GOOD)),
        ({}, json.dumps(GOOD)),
        ({**JSON, "X-Priority": "bulk"}, json.dumps(GOOD)),
        ({**JSON, "X-Priority": "Bulk"}, json.dumps(GOOD)),
        ({**JSON, "X-Priority": ""}, json.dumps(GOOD)),
        ({**JSON, "Idempotency-Key": ""}, json.dumps(GOOD)),
        ({**JSON, "Idempotency-Key": "k" * 255}, json.dumps(GOOD)),
        ({**JSON, "Idempotency-Key": "k" * 256}, json.dumps(GOOD)),
        ({**JSON, "X-Cost-Centre": "desk"}, json.dumps(GOOD)),
        ({**JSON, "X-Cost-Centre": "d" * 65}, json.dumps(GOOD)),
        (JSON, ""),
        (JSON, "null"),
        (JSON, "[]"),
        (JSON, "{"),
        (JSON, '{"text": "\\ud800", "target": "en"}'),
        (JSON, json.dumps({**GOOD, "text": []})),
        (JSON, json.dumps({**GOOD, "text": ["a", 1, None]})),
        (JSON, json.dumps({**GOOD, "detail": 1, "more": 2})),
        (JSON, json.dumps({**GOOD, "target": "klingon"})),
        (JSON, json.dumps({**GOOD, "source": "hu"})),
        (JSON, "[" * 5_000),
        (JSON, "\ufeff" + json.dumps(GOOD)),
    ],
)
def test_both_ways_say_the_same(
    identity_service: Service, long_way: Service, headers: dict[str, str], content: str
) -> None:
    direct, solved = (post(each, content.encode(), headers) for each in (identity_service, long_way))
    assert told(direct) == told(solved)


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.one_of(
            st.text(max_size=20), st.lists(st.text(max_size=9), max_size=3), st.integers(), st.none()
        ),
        "target": st.sampled_from(["en", "pt", "", "x" * 36, 7]),
        "source": st.sampled_from(["auto", "AUTO", "pt", "", None]),
        "candidates": st.one_of(st.none(), st.lists(st.sampled_from(["en", "pt", "", 1]), max_size=3)),
        "detail": st.sampled_from([True, False, "true", 0]),
        "other": st.just(1),
    },
)


@given(fields=FIELDS)
@example(fields={"text": "Bom dia.", "source": "pt", "target": "en", "detail": True})
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_both_ways_say_the_same_of_any_body(
    identity_service: Service, long_way: Service, fields: dict[str, Any]
) -> None:
    content = json.dumps(fields).encode()
    direct, solved = (post(each, content, JSON) for each in (identity_service, long_way))
    assert told(direct) == told(solved)


async def test_requests_without_a_fault_do_go_the_short_way(identity_service: Service) -> None:
    def request(content_type: bytes) -> Request:
        headers = [(b"content-type", content_type), (b"x-priority", b"bulk")]
        return Request(
            {"type": "http", "headers": headers, "app": identity_service.app, "dragoman.caller": LOCAL}
        )

    (way,) = v1.WAYS
    body = json.dumps(GOOD).encode()
    found = await way.arguments(request(b"application/json"), body)
    assert found is not None
    assert set(found) == set(inspect.signature(way.route.endpoint).parameters)
    assert found["body"] == TranslateBody.model_validate(GOOD)
    assert found["running"] is identity_service.runtime
    assert (found["x_priority"], found["idempotency_key"]) == ("bulk", None)
    assert await way.arguments(request(b"text/plain"), body) is None


@pytest.mark.parametrize("path", ["/v1/usage", "/v1/languages"])
def test_other_endpoints_are_refused(path: str) -> None:
    routes = [*usage.router.routes, *describe.router.routes]
    (route,) = (each for each in routes if isinstance(each, APIRoute) and each.path == path)
    with pytest.raises(TypeError, match=path):
        Way.to(route)


def test_a_body_in_pieces_is_read_whole(identity_service: Service) -> None:
    content = json.dumps(GOOD).encode()
    pieces = [content[start : start + 7] for start in range(0, len(content), 7)]
    answer = identity_service.client.post("/v1/translate", content=iter(pieces), headers=JSON)
    assert answer.json()["translations"][0]["status"] == "translated"
    answer = identity_service.client.post("/v1/translate", content=iter([*pieces, b"}"]), headers=JSON)
    assert answer.json()["code"] == "invalid_json"

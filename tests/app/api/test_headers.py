"""What every answer tells a browser to keep to."""

import httpx
import pytest

from tests.app.api.test_access import OPERATIONS, Case, _example, _form, names
from tests.app.serving import Service

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
PAGES = ["/", "/documents", "/jobs", "/usage", "/sign-in", "/v1/nothing", "/assets/nothing"]


def guarded(answer: httpx.Response) -> None:
    for name, value in EVERYWHERE.items():
        assert answer.headers[name] == value, name
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Server" not in answer.headers
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize("case", OPERATIONS, ids=names(OPERATIONS))
def test_every_route(identity_service: Service, case: Case) -> None:
    method, path, operation = case
    path = path.replace("{id}", "0").replace("{name}", "0")
    sent = _form(operation) or {"json": _example(operation)}
    guarded(identity_service.client.request(method, path, **sent))


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/translate", "/metrics", "/openapi.json"])
def test_every_refusal(identity_service: Service, path: str) -> None:
    for method in ("PUT", "GET", "TRACE", "OPTIONS"):
        guarded(identity_service.client.request(method, path))


def test_a_body_over_the_limit(identity_service: Service) -> None:
    guarded(identity_service.client.post("/v1/translate", content=b" " * 9_000_000))


@pytest.mark.parametrize("path", PAGES)
def test_pages_say_more_and_never_less(identity_service: Service, path: str) -> None:
    answer = identity_service.client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")


def test_the_page_of_the_description_loads_nothing_from_elsewhere(identity_service: Service) -> None:
    policy = identity_service.client.get("/docs").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy

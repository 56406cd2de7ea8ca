"""The description at /openapi.json is what the service does."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.main import create_app
from app.settings import Settings
from tests.app.serving import Service

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [
    (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


@SCHEMA.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(identity_service: Service, case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(base_url=str(identity_service.client.base_url), checks=CHECKS)


def test_the_document_served_is_this_one(identity_service: Service) -> None:
    assert identity_service.client.get("/openapi.json").json() == json.loads(json.dumps(DOCUMENT))


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_operations_are_described(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["operationId"]
    told = [operation["responses"].get(status, {}).get("content") for status in ("200", "201", "202")]
    assert any(told) or "204" in operation["responses"]
    for status, response in operation["responses"].items():
        for content in () if status == "204" else response["content"].values():
            assert content["schema"]


def test_examples_work(service: Service) -> None:
    # Something that a sample can be drawn from.
    sent = {"files": {"file": ("a.txt", b"Bom dia a todos.")}, "data": {"source": "pt", "target": "en"}}
    job = service.client.post("/v1/documents", **sent).json()["id"]  # type: ignore[arg-type]
    service.client.get(f"/v1/jobs/{job}/events")
    tried = 0
    for method, path, operation in OPERATIONS:
        # An example cannot name a document that is there: tests/app/api/deepl/test_documents.py sends real ones.
        for example in () if "{id}" in path else _examples(operation):
            answer = service.client.request(method, path, json=example)
            assert answer.status_code in {200, 201}, answer.text
            tried += 1
    assert tried >= 3


def test_posts_have_examples() -> None:
    for method, path, operation in OPERATIONS:
        is_form = "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
        assert method != "post" or is_form or list(_examples(operation)), path


def test_operation_ids_make_good_names() -> None:
    assert sorted(operation["operationId"] for _, _, operation in OPERATIONS) == [
        "check", "create_glossary", "decide", "deepl_analytics", "deepl_change_multilingual_glossary",
        "deepl_create_glossary", "deepl_create_multilingual_glossary", "deepl_delete_dictionary",
        "deepl_delete_glossary", "deepl_delete_multilingual_glossary", "deepl_document",
        "deepl_document_result", "deepl_document_status", "deepl_glossaries", "deepl_glossary",
        "deepl_glossary_entries", "deepl_glossary_pairs", "deepl_languages", "deepl_multilingual_glossaries",
        "deepl_multilingual_glossary", "deepl_multilingual_glossary_entries", "deepl_replace_dictionary",
        "deepl_translate", "deepl_usage", "delete_glossary", "delete_job", "delete_memory_entry", "detect",
        "draw_sample", "erase_memory", "erase_verdicts", "estimate", "events",
        "glossaries", "glossary", "glossary_entries", "glossary_versions", "healthz", "job", "job_statement", "jobs",
        "languages", "libretranslate_detect", "libretranslate_download_file", "libretranslate_health",
        "libretranslate_languages", "libretranslate_settings", "libretranslate_spec",
        "libretranslate_translate", "libretranslate_translate_file", "memory", "metrics", "models",
        "quality", "rate", "readyz", "readyz_detail",
        "replace_dictionary", "replace_glossary", "report", "result", "review", "review_agreement",
        "sample", "samples", "statement_key", "submit", "translate", "usage",
    ]  # fmt: skip


def test_the_page_of_the_description_works_offline(identity_service: Service) -> None:
    page = identity_service.client.get("/docs")
    assert page.status_code == 200
    links = Links(page.text)
    assert links.found
    for link in links.found:
        assert not urlsplit(link).netloc, link
        asset = identity_service.client.get(link)
        assert asset.status_code == 200, link
        assert asset.content
    assert "http://" not in page.text
    assert "https://" not in page.text


def _examples(operation: dict[str, Any]) -> Iterator[Any]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = content["schema"]
        for each in [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]:
            if "$ref" in each:
                name = each["$ref"].rsplit("/", 1)[1]
                yield from DOCUMENT["components"]["schemas"][name].get("examples", [])


class Links(HTMLParser):
    """What a page loads: `src` and `href`, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value for name, value in attrs if name in {"src", "href"} and value]
